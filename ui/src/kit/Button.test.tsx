import { render, screen } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { expect, test, vi } from "vitest";
import { Button } from ".";

test("a button that cannot be pressed stays in the tab order and says why", async () => {
  const press = vi.fn();
  render(
    <Button onClick={press} disabledReason="Check the key first">
      Save key
    </Button>,
  );
  await userEvent.tab();
  const button = screen.getByRole("button", { name: "Save key" });
  expect(button).toHaveFocus();
  expect(button).toHaveAccessibleDescription("Check the key first");
  await userEvent.keyboard("{Enter}");
  expect(press).not.toHaveBeenCalled();
});

test("a busy button keeps its label and ignores presses, also as the submit button of a form", async () => {
  const submit = vi.fn((event: { preventDefault: () => void }) => event.preventDefault());
  render(
    <form onSubmit={submit}>
      <Button type="submit" busy>
        Save key
      </Button>
    </form>,
  );
  const button = screen.getByRole("button", { name: "Save key" });
  expect(button).toHaveAttribute("aria-busy", "true");
  await userEvent.click(button);
  expect(submit).not.toHaveBeenCalled();
});
