//! The program itself, as it is started in production: its log, its addresses, its end.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::path::Path;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;
use std::time::Duration;

use serde_json::Value;

/// Nothing that the tests wait for takes as long; it only keeps a broken service from hanging them.
pub(crate) const PATIENCE: Duration = Duration::from_secs(60);

/// A program that serves.
pub(crate) struct Program {
    child: Child,
    log: Arc<Mutex<String>>,
    reader: Option<JoinHandle<()>>,
    /// Where it serves.
    pub(crate) address: SocketAddr,
    /// Where its metrics are, if it was asked for them.
    pub(crate) metrics: Option<SocketAddr>,
}

/// The program with these arguments, in a folder, with nothing of the tests' own environment.
pub(crate) fn command(folder: &Path, arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_brasskey-platform"));
    command.current_dir(folder).env_clear().args(arguments);
    command
}

impl Program {
    /// Starts `serve` with these arguments, on free ports, and waits until it serves.
    pub(crate) fn start(folder: &Path, arguments: &[&str], variables: &[(&str, &str)]) -> Self {
        let mut command = command(folder, &["serve", "--embedded", "--log", "json"]);
        if !arguments.contains(&"--listen") {
            command.args(["--listen", "127.0.0.1:0"]);
        }
        let mut child = command
            .args(arguments)
            .envs(variables.iter().copied())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(child.stderr.take().unwrap()).lines();
        let mut seen = String::new();
        let (mut address, mut metrics) = (None, None);
        while address.is_none() {
            let Some(Ok(line)) = lines.next() else {
                panic!("it does not serve: {seen}");
            };
            let entry: Value = serde_json::from_str(&line).unwrap_or_default();
            let at = || entry["address"].as_str().unwrap().parse().unwrap();
            match entry["message"].as_str() {
                Some("serving") => address = Some(at()),
                Some("metrics") => metrics = Some(at()),
                _ => {}
            }
            seen += &line;
            seen += "\n";
        }
        let log = Arc::new(Mutex::new(seen));
        let written = log.clone();
        let reader = std::thread::spawn(move || {
            for line in lines.map_while(Result::ok) {
                let mut log = written.lock().unwrap();
                *log += &line;
                *log += "\n";
            }
        });
        Self {
            child,
            log,
            reader: Some(reader),
            address: address.unwrap(),
            metrics,
        }
    }

    /// Sends it a signal.
    pub(crate) fn signal(&self, name: &str) {
        let sent = Command::new("kill")
            .args(["-s", name, &self.child.id().to_string()])
            .status();
        assert!(sent.unwrap().success());
    }

    /// Waits for its end. Gives how it ended and all that it logged.
    pub(crate) fn ended(mut self) -> (ExitStatus, String) {
        let status = self.child.wait().unwrap();
        self.reader.take().unwrap().join().unwrap();
        let log = self.log.lock().unwrap().clone();
        (status, log)
    }

    /// Waits until the log holds a text.
    pub(crate) fn wait_for(&self, text: &str) {
        let is_there = || self.log.lock().unwrap().contains(text);
        wait_until(&format!("the log holds {text}"), is_there);
    }

    /// The number behind the beginning of a line of the metrics; none where there is no such line.
    pub(crate) fn metric(&self, begins: &str) -> Option<f64> {
        let text = get(self.metrics.expect("it was asked for metrics"), "/metrics");
        let line = text.lines().find(|line| line.starts_with(begins))?;
        Some(line.rsplit_once(' ').unwrap().1.parse().unwrap())
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        // It has ended already where the test went well.
        self.child.kill().ok();
        self.child.wait().ok();
    }
}

pub(crate) fn wait_until(what: &str, mut is_so: impl FnMut() -> bool) {
    let begun = std::time::Instant::now();
    while !is_so() {
        assert!(begun.elapsed() < PATIENCE, "never: {what}");
        std::thread::sleep(Duration::from_millis(20));
    }
}

/// A connection without a client of its own: tests write what no client would.
pub(crate) fn connect(address: SocketAddr) -> TcpStream {
    let stream = TcpStream::connect(address).unwrap();
    stream.set_read_timeout(Some(PATIENCE)).unwrap();
    stream
}

/// Reads until the other side closes.
pub(crate) fn rest(stream: &mut impl Read) -> String {
    let mut text = Vec::new();
    // What came before a reset is what counts.
    if let Err(error) = stream.read_to_end(&mut text) {
        assert_ne!(error.kind(), std::io::ErrorKind::WouldBlock, "it hangs");
    }
    String::from_utf8_lossy(&text).into_owned()
}

/// Sends a whole request and reads the whole answer.
pub(crate) fn send(address: SocketAddr, request: &str) -> String {
    let mut stream = connect(address);
    stream.write_all(request.as_bytes()).unwrap();
    rest(&mut stream)
}

pub(crate) fn get(address: SocketAddr, path: &str) -> String {
    send(
        address,
        &format!("GET {path} HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n"),
    )
}

/// The head of a request for a trial, and its body.
pub(crate) fn trial(device: &str) -> (String, String) {
    let body =
        format!(r#"{{"device_id":"{device}","name":"Desk","os":"linux","app_version":"0.1.0"}}"#);
    let head = format!(
        "POST /v1/trials HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\nidempotency-key: {device}\r\n\
         content-type: application/json\r\ncontent-length: {}\r\n\r\n",
        body.len()
    );
    (head, body)
}
