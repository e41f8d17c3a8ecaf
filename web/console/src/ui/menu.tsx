// A button that opens a menu.

import * as Ariakit from "@ariakit/react";
import type { ReactElement, ReactNode } from "react";
import css from "./ui.module.css";

interface MenuProps {
  /** The button; gets the name and the state of the menu. */
  button: ReactElement;
  label: string;
  children: ReactNode;
  placement?: "bottom-start" | "bottom-end" | "top-start" | "top-end" | "right-end";
}

export function Menu({ button, label, children, placement = "bottom-start" }: MenuProps) {
  return (
    <Ariakit.MenuProvider placement={placement}>
      <Ariakit.MenuButton render={button} />
      <Ariakit.Menu gutter={6} fixed unmountOnHide aria-label={label} className={css.menu}>
        {children}
      </Ariakit.Menu>
    </Ariakit.MenuProvider>
  );
}

interface MenuItemProps {
  onSelect: () => void;
  icon?: ReactNode;
  end?: ReactNode;
  disabled?: boolean;
  children: ReactNode;
}

export function MenuItem({ onSelect, icon, end, disabled, children }: MenuItemProps) {
  return (
    <Ariakit.MenuItem className={css.menuItem} onClick={onSelect} disabled={disabled}>
      {icon}
      <span>{children}</span>
      {end ? <span className={css.menuEnd}>{end}</span> : null}
    </Ariakit.MenuItem>
  );
}

export function MenuSeparator() {
  return <Ariakit.MenuSeparator className={css.separator} />;
}
