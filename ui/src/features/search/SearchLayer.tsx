/** The search, loaded when it is opened for the first time. */
import { lazy, Suspense, useEffect, useState } from "react";
import { useShortcut } from "../../shortcuts";
import { openSearch, useSearch } from "./search";

const SearchDialog = lazy(() => import("./SearchDialog"));

export function SearchLayer() {
  const { isOpen } = useSearch();
  const [isWanted, setWanted] = useState(isOpen);
  useEffect(() => {
    if (isOpen) setWanted(true);
  }, [isOpen]);
  useShortcut("search", openSearch);
  useShortcut("findEverywhere", openSearch);
  return isWanted ? (
    <Suspense fallback={null}>
      <SearchDialog />
    </Suspense>
  ) : null;
}
