//! The one window. It loads Brasskey's own pages and nothing else: no navigation, no new window, no download.

use tauri::webview::{NewWindowResponse, WebviewWindowBuilder};
use tauri::{App, Manager, Url, WebviewUrl, WebviewWindow};

/// The window's label; capabilities name it.
pub(crate) const LABEL: &str = "main";

/// Opens the window.
///
/// # Errors
/// When the system has no web view or no display.
pub(crate) fn open(app: &App) -> tauri::Result<WebviewWindow> {
    let builder = WebviewWindowBuilder::new(app, LABEL, WebviewUrl::default())
        .title("Brasskey")
        .inner_size(1280.0, 820.0)
        .min_inner_size(900.0, 640.0)
        .on_navigation(is_own_page)
        .on_new_window(|_, _| NewWindowResponse::Deny)
        .on_download(|_, _| false)
        .disable_drag_drop_handler()
        .general_autofill_enabled(false);
    // The page draws the title bar; macOS keeps its own buttons over it.
    #[cfg(target_os = "macos")]
    let builder = builder
        .title_bar_style(tauri::TitleBarStyle::Overlay)
        .hidden_title(true);
    #[cfg(not(target_os = "macos"))]
    let builder = builder.decorations(false);
    builder.build()
}

/// Brings the window to the front, for a second start.
pub(crate) fn focus(handle: &tauri::AppHandle) {
    if let Some(window) = handle.get_webview_window(LABEL) {
        for result in [window.unminimize(), window.show(), window.set_focus()] {
            if let Err(error) = result {
                tracing::warn!(%error, "the window could not be brought to the front");
            }
        }
    }
}

/// `tauri://localhost` on macOS and Linux, `http://tauri.localhost` on Windows.
fn is_own_page(url: &Url) -> bool {
    match (url.scheme(), url.host_str()) {
        ("tauri", Some("localhost")) => true,
        ("http" | "https", Some("tauri.localhost")) => cfg!(windows),
        ("about", _) => url.as_str() == "about:blank",
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used)]
    use super::*;

    #[test]
    fn the_window_shows_its_own_pages_only() {
        let own = |url: &str| is_own_page(&Url::parse(url).unwrap());
        assert!(own("tauri://localhost/index.html"));
        for other in [
            "https://example.com/",
            "tauri://other/",
            "file:///etc/passwd",
            "javascript:alert(1)",
            "data:text/html,x",
            "http://localhost/",
            "http://tauri.localhost.example/",
        ] {
            assert!(!own(other), "{other}");
        }
    }
}
