//! The list of models, in the shape of each client.

use axum::body::Body;
use axum::http::Request;
use serde_json::Value;

use crate::authority::TOKEN;
use crate::client::send;
use crate::rig::{ALL, CHAT, GEMINI, MESSAGES, Rig, rig};
use crate::upstream::Answer;

async fn list(rig: &Rig, path: &str) -> Value {
    let request = Request::get(format!("{}{path}", rig.root))
        .header("authorization", format!("Bearer {TOKEN}"))
        .body(Body::empty())
        .unwrap();
    let got = send(request).await;
    assert_eq!(got.status, 200, "{path}");
    got.json()
}

#[tokio::test]
async fn each_client_lists_the_models_that_its_routes_serve() {
    for line in ALL {
        let rig = rig(line).answering(Answer::json(200, "{}")).await;
        let openai = list(&rig, "/openai/v1/models").await;
        let anthropic = list(&rig, "/anthropic/v1/models").await;
        let gemini = list(&rig, "/gemini/v1/models").await;
        let all = list(&rig, "/models").await;
        assert_eq!(openai["object"], "list");
        let expected = |of: &str| usize::from(line.family == of);
        let length = |list: &Value| list.as_array().unwrap().len();
        assert_eq!(length(&openai["data"]), expected("openai"));
        assert_eq!(length(&anthropic["data"]), expected("anthropic"));
        assert_eq!(length(&gemini["models"]), expected("gemini"));
        assert_eq!(all["data"][0]["id"], line.model);
        assert!(rig.upstream.asked().is_empty());
    }
}

#[tokio::test]
async fn an_entry_has_what_its_clients_read_and_the_price() {
    let rig_of = async |line| rig(line).answering(Answer::json(200, "{}")).await;
    let chat = list(&rig_of(CHAT).await, "/openai/v1/models").await;
    let entry = &chat["data"][0];
    assert_eq!(
        (&entry["id"], &entry["object"]),
        (&"gpt-6.1-sol".into(), &"model".into())
    );
    assert_eq!(entry["owned_by"], "openai");
    assert_eq!(entry["brasskey"]["protocols"][0], "openai_chat");
    assert_eq!(entry["brasskey"]["input_per_million"], "2");
    assert_eq!(entry["brasskey"]["output_per_million"], "10");

    let messages = list(&rig_of(MESSAGES).await, "/anthropic/v1/models").await;
    assert_eq!(messages["data"][0]["type"], "model");
    assert_eq!(messages["first_id"], "claude-opus-5-5");
    assert_eq!(messages["has_more"], false);

    let gemini = list(&rig_of(GEMINI).await, "/gemini/v1beta/models").await;
    assert_eq!(gemini["models"][0]["name"], "models/gemini-3.6-flash");
}

#[tokio::test]
async fn a_list_is_for_bearers_of_a_token() {
    let rig = rig(CHAT).answering(Answer::json(200, "{}")).await;
    for path in ["/models", "/openai/v1/models", "/anthropic/v1/models"] {
        let request = Request::get(format!("{}{path}", rig.root))
            .body(Body::empty())
            .unwrap();
        assert_eq!(send(request).await.status, 401);
    }
}
