//! The `brasskey-sandbox` program.

use std::io::{BufRead, BufReader};
use std::process::{Command, Stdio};

use serde_json::Value;
use tokio::io::{AsyncReadExt, AsyncWriteExt};

#[tokio::test]
async fn the_program_says_where_it_serves_and_names_itself() {
    let mut program = Command::new(env!("CARGO_BIN_EXE_brasskey-sandbox"))
        .args(["--port", "0"])
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut line = String::new();
    BufReader::new(program.stdout.take().unwrap())
        .read_line(&mut line)
        .unwrap();
    let address = line
        .trim()
        .strip_prefix("sandbox provider on http://")
        .map(str::to_owned);
    let about = about(address.as_deref().unwrap_or_default()).await;
    program.kill().unwrap();
    program.wait().unwrap();
    let about = about.unwrap_or_else(|error| panic!("{line}: {error}"));
    assert_eq!(about["name"], "Brasskey sandbox provider");
    assert_eq!(about["version"], env!("CARGO_PKG_VERSION"));
}

async fn about(address: &str) -> std::io::Result<Value> {
    let mut stream = tokio::net::TcpStream::connect(address).await?;
    stream
        .write_all(b"GET /sandbox HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n")
        .await?;
    let mut text = String::new();
    stream.read_to_string(&mut text).await?;
    let body = text.split("\r\n\r\n").nth(1).unwrap_or_default();
    Ok(serde_json::from_str(body)?)
}
