/** A page of the settings. */
import type { KeySheet, SettingsSection } from "../../route";
import { BillingScreen } from "../billing";
import { KeysScreen } from "../keys";
import { AboutScreen } from "../report";
import { DataScreen } from "../transfer";
import { GeneralScreen } from "./GeneralScreen";
import { ShortcutsScreen } from "./ShortcutsScreen";

interface SettingsScreenProps {
  section: SettingsSection;
  sheet: KeySheet | undefined;
}

export default function SettingsScreen({ section, sheet }: SettingsScreenProps) {
  return (
    // The list of shortcuts holds nothing else that takes the focus, and the keyboard must scroll it.
    <div className="page" data-region tabIndex={section === "shortcuts" ? 0 : undefined}>
      <Page section={section} sheet={sheet} />
    </div>
  );
}

function Page({ section, sheet }: SettingsScreenProps) {
  switch (section) {
    case "billing":
      return <BillingScreen />;
    case "keys":
      return <KeysScreen sheet={sheet} />;
    case "general":
      return <GeneralScreen />;
    case "data":
      return <DataScreen />;
    case "shortcuts":
      return <ShortcutsScreen />;
    case "about":
      return <AboutScreen />;
  }
}
