//! `brasskey-bench-window`: a window with a page and a field in it, and nothing else.

fn main() -> tauri::Result<()> {
    tauri::Builder::default().run(tauri::generate_context!())
}
