//! nginx as a reverse proxy with the least of a gateway's work: it knows the token and puts the key in.

use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use crate::fault::Fault;
use crate::process::{Running, program, write};
use crate::wire::{KEY, TOKEN};

/// Starts it on a free port, in a folder of its own, with nothing of the machine's configuration.
pub(super) fn start(folder: &Path, upstream: &str) -> Result<(Running, String), Fault> {
    let folder = folder.join("nginx");
    std::fs::create_dir_all(&folder).map_err(Fault::file(&folder))?;
    // Free a moment ago is as sure as it gets: nginx does not choose one itself.
    let address = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?
        .local_addr()?
        .to_string();
    let at = folder.display();
    let configuration = format!(
        r#"
daemon off;
worker_processes auto;
pid {at}/pid;
error_log {at}/error.log warn;
events {{ worker_connections 4096; }}
http {{
    access_log off;
    client_body_temp_path {at}/body;
    proxy_temp_path {at}/proxy;
    fastcgi_temp_path {at}/fastcgi;
    uwsgi_temp_path {at}/uwsgi;
    scgi_temp_path {at}/scgi;
    keepalive_requests 1000000000;
    map_hash_bucket_size 256;
    map $http_authorization $is_known {{ default 0; "Bearer {TOKEN}" 1; }}
    upstream provider {{ server {upstream}; keepalive 256; keepalive_requests 1000000000; }}
    server {{
        listen {address};
        location / {{
            if ($is_known = 0) {{ return 401; }}
            proxy_pass http://provider;
            proxy_http_version 1.1;
            proxy_set_header Connection "";
            proxy_set_header Authorization "Bearer {KEY}";
            proxy_buffering off;
            proxy_read_timeout 1h;
        }}
    }}
}}
"#
    );
    let file = write(&folder.join("nginx.conf"), &configuration)?;
    let mut command = program(&find()?);
    command
        .arg("-p")
        .arg(&folder)
        .arg("-c")
        .arg(&file)
        .args(["-e", "stderr"]);
    let running = Running::start(&mut command)?;
    let started = Instant::now();
    while TcpStream::connect(&address).is_err() {
        if started.elapsed() > Duration::from_secs(10) {
            return Err(Fault::Other(format!(
                "nginx does not answer; see its words above, and {at}/error.log"
            )));
        }
        std::thread::sleep(Duration::from_millis(20));
    }
    Ok((running, address))
}

/// Debian keeps it where only root's PATH looks.
fn find() -> Result<PathBuf, Fault> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    std::env::split_paths(&path)
        .chain(["/usr/sbin".into(), "/usr/local/sbin".into()])
        .map(|folder| folder.join("nginx"))
        .find(|file| file.is_file())
        .ok_or_else(|| Fault::Other("nginx is missing; `cargo xtask setup` installs it".into()))
}
