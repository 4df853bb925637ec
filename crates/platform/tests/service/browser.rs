//! A person at a browser: follows redirects, keeps cookies, fills in forms.

use std::collections::BTreeMap;
use std::sync::Mutex;

use reqwest::header::{COOKIE, LOCATION, SET_COOKIE};
use url::Url;

use crate::instance::client;

/// A browser with its cookies.
pub(crate) struct Browser {
    client: reqwest::Client,
    cookies: Mutex<BTreeMap<String, String>>,
}

/// What the window shows.
#[derive(Debug)]
pub(crate) struct Page {
    pub(crate) url: Url,
    pub(crate) status: u16,
    pub(crate) text: String,
}

impl Browser {
    pub(crate) fn new() -> Self {
        Self {
            client: client(),
            cookies: Mutex::default(),
        }
    }

    /// Opens an address.
    pub(crate) async fn open(&self, url: &Url) -> Page {
        self.go(url.clone(), None).await
    }

    /// Submits the form of a page, with its hidden fields and these.
    pub(crate) async fn submit(&self, page: &Page, fields: &[(&str, &str)]) -> Page {
        let action = between(&page.text, "action=\"", "\"").next();
        let action = action.unwrap_or_else(|| panic!("no form: {page:?}"));
        let mut form: Vec<(String, String)> =
            between(&page.text, "<input type=\"hidden\" name=\"", "\"/>")
                .filter_map(|input| {
                    let (name, value) = input.split_once("\" value=\"")?;
                    Some((name.to_owned(), value.to_owned()))
                })
                .collect();
        form.extend(
            fields
                .iter()
                .map(|(name, value)| ((*name).to_owned(), (*value).to_owned())),
        );
        self.go(page.url.join(action).unwrap(), Some(form)).await
    }

    /// Signs in on the provider's page.
    pub(crate) async fn sign_in(&self, url: &Url, email: &str) -> Page {
        let page = self.open(url).await;
        assert!(page.text.contains("Development sign-in"), "{page:?}");
        self.submit(&page, &[("email", email)]).await
    }

    async fn go(&self, mut url: Url, mut form: Option<Vec<(String, String)>>) -> Page {
        for _ in 0..12 {
            let request = match form.take() {
                Some(form) => self.client.post(url.clone()).form(&form),
                None => self.client.get(url.clone()),
            };
            let cookies = self.cookies.lock().unwrap().clone();
            let cookies: Vec<String> = cookies
                .iter()
                .map(|(name, value)| format!("{name}={value}"))
                .collect();
            let request = request
                .header(COOKIE, cookies.join("; "))
                .header("accept", "text/html");
            let response = request.send().await.unwrap();
            self.keep_cookies(&response);
            match response.headers().get(LOCATION) {
                Some(location) => url = url.join(location.to_str().unwrap()).unwrap(),
                None => {
                    return Page {
                        url,
                        status: response.status().as_u16(),
                        text: response.text().await.unwrap(),
                    };
                }
            }
        }
        panic!("redirects without end: {url}");
    }

    fn keep_cookies(&self, response: &reqwest::Response) {
        let mut cookies = self.cookies.lock().unwrap();
        for cookie in response.headers().get_all(SET_COOKIE) {
            let pair = cookie.to_str().unwrap().split(';').next().unwrap();
            let (name, value) = pair.split_once('=').unwrap();
            cookies.insert(name.to_owned(), value.to_owned());
        }
        cookies.retain(|_, value| !value.is_empty());
    }
}

/// The parts of a text between two marks.
fn between<'a>(text: &'a str, from: &'a str, until: &'a str) -> impl Iterator<Item = &'a str> {
    text.split(from)
        .skip(1)
        .filter_map(move |rest| Some(rest.split_once(until)?.0))
}
