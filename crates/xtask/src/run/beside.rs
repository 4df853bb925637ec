//! Programs that run beside the application: started, or joined when one is there already.
//!
//! Never takes another program for one of ours: what answers on the port has to say what it is.

use std::io::{self, ErrorKind, Read, Write};
use std::net::{Ipv4Addr, SocketAddr, TcpStream};
use std::process::Command;
use std::thread::sleep;
use std::time::{Duration, Instant};

use super::Stop;
use crate::error::Error;
use crate::process::{self, Running};

const DEADLINE: Duration = Duration::from_secs(20);

/// A program that serves HTTP on this computer.
pub(crate) struct Beside {
    /// What it is, in words.
    pub(crate) what: &'static str,
    /// Its port.
    pub(crate) port: u16,
    /// Where it says what it is.
    pub(crate) path: &'static str,
    /// What it says there.
    pub(crate) says: &'static str,
}

/// Who listens on a port.
#[derive(Debug, PartialEq, Eq)]
enum Listener {
    Nobody,
    Ours,
    Stranger,
}

impl Beside {
    /// Makes sure that the program answers. Gives the child when it was started here.
    pub(crate) fn start_or_join(
        &self,
        command: &mut Command,
        stop: &Stop,
    ) -> Result<Option<Running>, Error> {
        let Self { what, port, .. } = self;
        match self.listener() {
            Listener::Ours => {
                println!("using {what} that already runs on http://127.0.0.1:{port}");
                return Ok(None);
            }
            Listener::Stranger => return Err(Error::PortTaken { port: *port, what }),
            Listener::Nobody => {}
        }
        let mut child = Running::start(what, command)?;
        let started = Instant::now();
        while started.elapsed() < DEADLINE && !stop.is_requested() {
            if let Some(status) = child.ended()? {
                return Err(Error::Failed {
                    command: process::line(command),
                    status,
                });
            }
            if self.listener() == Listener::Ours {
                return Ok(Some(child));
            }
            sleep(Duration::from_millis(100));
        }
        if stop.is_requested() {
            return Ok(Some(child));
        }
        Err(Error::NoAnswer {
            what,
            seconds: DEADLINE.as_secs(),
        })
    }

    fn listener(&self) -> Listener {
        match self.ask() {
            Ok(answer) if answer.contains(self.says) => Listener::Ours,
            Err(error) if error.kind() == ErrorKind::ConnectionRefused => Listener::Nobody,
            Ok(_) | Err(_) => Listener::Stranger,
        }
    }

    /// The start of its answer, head included. One request; no HTTP client is worth linking for it.
    fn ask(&self) -> io::Result<String> {
        let address = SocketAddr::from((Ipv4Addr::LOCALHOST, self.port));
        let mut stream = TcpStream::connect_timeout(&address, Duration::from_secs(2))?;
        stream.set_read_timeout(Some(Duration::from_secs(2)))?;
        // In one piece: a server that answers and closes after the first part would reset the rest.
        let request = format!(
            "GET {} HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\r\n",
            self.path
        );
        stream.write_all(request.as_bytes())?;
        let mut answer = Vec::new();
        stream.take(8 * 1024).read_to_end(&mut answer)?;
        Ok(String::from_utf8_lossy(&answer).into_owned())
    }
}

#[cfg(test)]
mod tests {
    use std::net::TcpListener;
    use std::thread::JoinHandle;

    use super::*;

    fn on(port: u16) -> Beside {
        Beside {
            what: "the sandbox provider",
            port,
            path: "/sandbox",
            says: "Brasskey sandbox provider",
        }
    }

    /// A server that answers one connection, and its port.
    fn server(body: &'static str) -> (u16, JoinHandle<()>) {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        let port = listener.local_addr().unwrap().port();
        let thread = std::thread::spawn(move || {
            let (mut stream, _) = listener.accept().unwrap();
            let mut request = [0; 1024];
            let length = stream.read(&mut request).unwrap();
            assert!(request[..length].starts_with(b"GET /sandbox HTTP/1.1\r\n"));
            write!(
                stream,
                "HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n{body}",
                body.len()
            )
            .unwrap();
        });
        (port, thread)
    }

    #[test]
    fn a_program_of_ours_that_runs_already_is_recognised() {
        let (port, thread) = server(r#"{"name":"Brasskey sandbox provider","version":"0.1.0"}"#);
        assert_eq!(on(port).listener(), Listener::Ours);
        thread.join().unwrap();
    }

    #[test]
    fn another_program_on_the_port_is_not_taken_for_it() {
        let (port, thread) = server("hello");
        assert_eq!(on(port).listener(), Listener::Stranger);
        thread.join().unwrap();
    }

    #[test]
    fn a_free_port_is_free() {
        let free = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        let port = free.local_addr().unwrap().port();
        drop(free);
        assert_eq!(on(port).listener(), Listener::Nobody);
    }
}
