// What stands in place of a page that broke; the rest of the console goes on.

import { Component, type ReactNode } from "react";
import { t } from "../i18n";
import { Failed } from "../ui/states";

interface Props {
  /** A change of it tries the page again. */
  place: string;
  children: ReactNode;
}

export class ErrorBoundary extends Component<Props, { broken: boolean }> {
  override state = { broken: false };

  static getDerivedStateFromError(): { broken: boolean } {
    return { broken: true };
  }

  override componentDidUpdate(before: Props): void {
    if (before.place !== this.props.place && this.state.broken) this.setState({ broken: false });
  }

  override render(): ReactNode {
    if (!this.state.broken) return this.props.children;
    return (
      <main id="main">
        <Failed
          what={t("This page broke")}
          reason={t("What you wrote and what was sent is safe. If it breaks again, reload the console.")}
          onRetry={() => this.setState({ broken: false })}
        />
      </main>
    );
  }
}
