/** Catches what breaks while drawing: nothing is lost by it, and the user can read on or start over. */
import { Component, type ReactNode } from "react";
import { ErrorNote } from "../features/failures";

export class Boundary extends Component<{ children: ReactNode }, { error: unknown }> {
  override state: { error: unknown } = { error: null };

  static getDerivedStateFromError(error: unknown) {
    return { error };
  }

  override render() {
    if (this.state.error === null) return this.props.children;
    return (
      <div className="startfailed">
        <ErrorNote error={this.state.error} onRetry={() => this.setState({ error: null })} />
      </div>
    );
  }
}
