//! The shipped policy in a real OpenBao: the service's role reads its keys and does nothing else.

use reqwest::Method;
use serde_json::json;

use crate::openbao::OpenBao;

#[tokio::test]
async fn the_services_role_reads_its_keys_and_can_do_nothing_else() {
    let bao = OpenBao::start().await;
    bao.put_key("key-1").await;
    bao.put("other/team", json!({ "password": "theirs" })).await;
    bao.put("brasskey-other", json!({ "api_key": "theirs" }))
        .await;
    let token = bao.token().await;
    let ask = async |method: &str, path: &str| {
        let method = Method::from_bytes(method.as_bytes()).unwrap();
        let body = (method == Method::POST || method == Method::PATCH)
            .then(|| json!({ "data": { "api_key": "mine" }, "policy": "", "policies": ["root"] }));
        bao.ask(method, &token, path, body).await.0
    };
    assert_eq!(ask("GET", "secret/data/brasskey/openai").await, 200);
    assert_eq!(ask("GET", "auth/token/lookup-self").await, 200);
    assert_eq!(ask("POST", "auth/token/renew-self").await, 200);
    for (method, path) in [
        // Its own keys: no writing, deleting, destroying, listing, and nothing about them.
        ("POST", "secret/data/brasskey/openai"),
        ("POST", "secret/data/brasskey/new"),
        ("PATCH", "secret/data/brasskey/openai"),
        ("DELETE", "secret/data/brasskey/openai"),
        ("POST", "secret/delete/brasskey/openai"),
        ("POST", "secret/destroy/brasskey/openai"),
        ("DELETE", "secret/metadata/brasskey/openai"),
        ("GET", "secret/metadata/brasskey/openai"),
        ("LIST", "secret/metadata/brasskey"),
        ("LIST", "secret/metadata"),
        // What is not its own.
        ("GET", "secret/data/other/team"),
        ("GET", "secret/data/brasskey-other"),
        ("GET", "secret/config"),
        ("GET", "cubbyhole/anything"),
        // The system, policies, roles and tokens.
        ("GET", "sys/policies/acl/brasskey"),
        ("LIST", "sys/policies/acl"),
        ("POST", "sys/policies/acl/brasskey"),
        ("GET", "sys/mounts"),
        ("GET", "sys/auth"),
        ("POST", "sys/seal"),
        ("GET", "auth/approle/role/brasskey"),
        ("POST", "auth/approle/role/brasskey/secret-id"),
        ("POST", "auth/token/create"),
        ("LIST", "auth/token/accessors"),
    ] {
        assert_eq!(ask(method, path).await, 403, "{method} {path}");
    }
    // Nothing came of all that.
    let key = bao.read("secret/data/brasskey/openai").await;
    assert_eq!(key["data"]["data"], json!({ "api_key": "key-1" }));
    assert_eq!(key["data"]["metadata"]["version"], 1);
}
