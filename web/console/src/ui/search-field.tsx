// A search field for tool bars.

import { Search } from "lucide-react";
import inbox from "../inbox/inbox.module.css";
import css from "./page.module.css";

interface SearchFieldProps {
  label: string;
  value: string;
  onChange: (value: string) => void;
  autoFocus?: boolean;
}

export function SearchField({ label, value, onChange, autoFocus }: SearchFieldProps) {
  return (
    <div className={`${inbox.search} ${css.grow}`}>
      <Search size={16} aria-hidden="true" />
      <input
        type="search"
        aria-label={label}
        placeholder={label}
        maxLength={100}
        value={value}
        // biome-ignore lint/a11y/noAutofocus: only where searching is what the page is for
        autoFocus={autoFocus}
        onChange={(event) => onChange(event.target.value)}
      />
    </div>
  );
}
