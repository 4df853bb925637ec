//! Processes: started, found with their children, read in /proc, and ended. Linux alone has what is read here.

use std::collections::HashMap;
use std::fs::{self, File};
use std::io::{BufRead, BufReader, Read, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, Command, Stdio};
use std::time::{Duration, Instant};

use crate::fault::Fault;

/// How long a server may take to come up.
const PATIENCE: Duration = Duration::from_secs(30);

/// A running process that is ended with this value.
pub(crate) struct Running {
    child: Child,
    /// Its end is the end of the bench's own servers.
    input: Option<ChildStdin>,
}

/// A program with leave to open as many connections as the system allows: the usual limit is 1,024.
pub(crate) fn program(program: &Path) -> Command {
    let mut command = Command::new("sh");
    command
        .args(["-c", "ulimit -n $(ulimit -Hn); exec \"$0\" \"$@\""])
        .arg(program);
    command
}

/// This program, as another of its parts.
pub(crate) fn own(arguments: &[&str]) -> Result<Command, Fault> {
    let own = std::env::current_exe().map_err(Fault::Pipe)?;
    let mut command = program(&own);
    command.args(arguments);
    Ok(command)
}

fn name(command: &Command) -> String {
    let words: Vec<_> = command
        .get_args()
        .skip(2)
        .map(|word| word.to_string_lossy())
        .collect();
    words.join(" ")
}

impl Running {
    /// Starts one of the bench's servers and gives the address that it says.
    pub(crate) fn server(arguments: &[&str]) -> Result<(Self, String), Fault> {
        Self::listening(own(&["serve"])?.args(arguments))
    }

    /// The same with a command that is made already.
    pub(crate) fn listening(command: &mut Command) -> Result<(Self, String), Fault> {
        let mut running = Self::start(command.stdout(Stdio::piped()))?;
        let line = running.line()?;
        let address = line
            .strip_prefix("listening ")
            .ok_or_else(|| Fault::Other(format!("{} said {line:?}", name(command))))?;
        Ok((running, address.trim().to_owned()))
    }

    /// Starts a program.
    pub(crate) fn start(command: &mut Command) -> Result<Self, Fault> {
        let mut child = command
            .stdin(Stdio::piped())
            .spawn()
            .map_err(|source| Fault::Start {
                command: name(command),
                source,
            })?;
        let input = child.stdin.take();
        Ok(Self { child, input })
    }

    /// The next line of its standard output.
    pub(crate) fn line(&mut self) -> Result<String, Fault> {
        let output = self
            .child
            .stdout
            .as_mut()
            .ok_or_else(|| Fault::Other("its standard output is not read".into()))?;
        let mut line = String::new();
        // The byte-wise reader keeps nothing back that a later reader wants.
        for byte in BufReader::with_capacity(1, output).bytes() {
            match byte.map_err(Fault::Pipe)? {
                b'\n' => break,
                byte => line.push(char::from(byte)),
            }
        }
        Ok(line)
    }

    pub(crate) fn id(&self) -> u32 {
        self.child.id()
    }

    /// Ends it as `kill -9` does, and waits until it is gone.
    pub(crate) fn kill(mut self) -> Result<(), Fault> {
        self.child
            .kill()
            .and_then(|()| self.child.wait())
            .map(|_| ())
            .map_err(Fault::Pipe)
    }

    /// Lets it end by itself: its standard input ends.
    pub(crate) fn finish(mut self) -> Result<(), Fault> {
        self.input = None;
        self.child.wait().map(|_| ()).map_err(Fault::Pipe)
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        self.input = None;
        if matches!(self.child.try_wait(), Ok(Some(_))) {
            return;
        }
        // Programs that have children of their own end them when they are asked to.
        let asked = Command::new("kill")
            .arg(self.child.id().to_string())
            .status();
        let started = Instant::now();
        while asked.is_ok() && started.elapsed() < Duration::from_secs(5) {
            if matches!(self.child.try_wait(), Ok(Some(_))) {
                return;
            }
            std::thread::sleep(Duration::from_millis(10));
        }
        if let Err(error) = self.child.kill().and_then(|()| self.child.wait()) {
            eprintln!("process {} does not end: {error}", self.child.id());
        }
    }
}

/// Runs a program to its end; it has to succeed.
pub(crate) fn succeeds(command: &mut Command) -> Result<String, Fault> {
    let line = format!("{} {}", command.get_program().display(), name(command));
    let output = command
        .stdin(Stdio::null())
        .output()
        .map_err(|source| Fault::Start {
            command: line.clone(),
            source,
        })?;
    if output.status.success() {
        return Ok(String::from_utf8_lossy(&output.stdout).into_owned());
    }
    let said = [output.stdout, output.stderr].concat();
    let said = String::from_utf8_lossy(&said);
    Err(Fault::Failed {
        command: line,
        said: said.lines().rev().take(3).collect::<Vec<_>>().join("; "),
    })
}

/// Waits until a log says something, and gives the rest of its line.
pub(crate) fn told(log: &Path, word: &str) -> Result<String, Fault> {
    let started = Instant::now();
    while started.elapsed() < PATIENCE {
        let file = File::open(log).map_err(Fault::file(log))?;
        for line in BufReader::new(file).lines() {
            let line = line.map_err(Fault::file(log))?;
            if let Some((_, rest)) = line.split_once(word) {
                return Ok(rest.to_owned());
            }
        }
        std::thread::sleep(Duration::from_millis(20));
    }
    let text = fs::read_to_string(log).map_err(Fault::file(log))?;
    Err(Fault::Other(format!(
        "{word:?} is not in {}: {text}",
        log.display()
    )))
}

/// Writes a file of the bench's own temporary folder.
pub(crate) fn write(path: &Path, text: &str) -> Result<PathBuf, Fault> {
    File::create(path)
        .and_then(|mut file| file.write_all(text.as_bytes()))
        .map_err(Fault::file(path))?;
    Ok(path.to_owned())
}

/// A process and all that it started.
pub(crate) fn family(root: u32) -> Vec<u32> {
    let Ok(entries) = fs::read_dir("/proc") else {
        return vec![root];
    };
    let parents: Vec<(u32, u32)> = entries
        .flatten()
        .filter_map(|entry| {
            let id = entry.file_name().to_str()?.parse().ok()?;
            let stat = fs::read_to_string(entry.path().join("stat")).ok()?;
            // The name may hold anything; what follows it does not.
            let parent = stat.rsplit_once(')')?.1.split_whitespace().nth(1)?;
            Some((id, parent.parse().ok()?))
        })
        .collect();
    let mut family = vec![root];
    let mut next = 0;
    while let Some(parent) = family.get(next).copied() {
        family.extend(
            parents
                .iter()
                .filter(|(_, of)| *of == parent)
                .map(|(id, _)| *id),
        );
        next += 1;
    }
    family
}

/// Processor time of some processes and all that they started, from one moment on.
pub(crate) struct Meter {
    roots: Vec<u32>,
    before: HashMap<u32, u64>,
}

impl Meter {
    pub(crate) fn start(roots: &[u32]) -> Self {
        let family = roots.iter().flat_map(|root| family(*root));
        Self {
            roots: roots.to_owned(),
            before: family.map(|id| (id, cpu_ns(id))).collect(),
        }
    }

    /// Nanoseconds since. A process that ended is not in it.
    pub(crate) fn used_ns(&self) -> u64 {
        let family = self.roots.iter().flat_map(|root| family(*root));
        family
            .map(|id| cpu_ns(id).saturating_sub(self.before.get(&id).copied().unwrap_or(0)))
            .sum()
    }
}

/// Nanoseconds of processor time of a process's threads. A thread that ended is not in it.
pub(crate) fn cpu_ns(id: u32) -> u64 {
    let threads = fs::read_dir(format!("/proc/{id}/task"))
        .into_iter()
        .flatten()
        .flatten();
    threads
        .filter_map(|thread| {
            let text = fs::read_to_string(thread.path().join("schedstat")).ok()?;
            text.split_whitespace().next()?.parse::<u64>().ok()
        })
        .sum()
}

/// Nanoseconds of processor time of a process's first thread, which is the one that a page is made on.
pub(crate) fn main_thread_ns(id: u32) -> u64 {
    fs::read_to_string(format!("/proc/{id}/task/{id}/schedstat"))
        .ok()
        .and_then(|text| text.split_whitespace().next()?.parse().ok())
        .unwrap_or(0)
}

/// Whether a process was started with this among its arguments.
pub(crate) fn is_running(id: u32, argument: &str) -> bool {
    let line = fs::read(format!("/proc/{id}/cmdline")).unwrap_or_default();
    line.split(|byte| *byte == 0 || *byte == b' ')
        .any(|word| word == argument.as_bytes())
}

/// Memory of a process and all that it started in kilobytes, shared pages counted in proportion.
pub(crate) fn pss_kb(root: u32) -> u64 {
    family(root).into_iter().map(own_pss_kb).sum()
}

/// The same of one process alone.
pub(crate) fn own_pss_kb(id: u32) -> u64 {
    let of = || {
        let text = fs::read_to_string(format!("/proc/{id}/smaps_rollup")).ok()?;
        let line = text.lines().find(|line| line.starts_with("Pss:"))?;
        line.split_whitespace().nth(1)?.parse().ok()
    };
    of().unwrap_or(0)
}

/// How long ago a process was started, to a hundredth of a second.
pub(crate) fn started_ago(id: u32) -> Result<Duration, Fault> {
    /// Linux tells programs so, whatever its own clock does.
    const TICKS_A_SECOND: f64 = 100.0;
    let read = |path: String| fs::read_to_string(&path).map_err(Fault::file(Path::new(&path)));
    let stat = read(format!("/proc/{id}/stat"))?;
    let up = read("/proc/uptime".to_owned())?;
    let ticks = stat
        .rsplit_once(')')
        .and_then(|(_, fields)| fields.split_whitespace().nth(19)?.parse::<f64>().ok());
    let up = up
        .split_whitespace()
        .next()
        .and_then(|up| up.parse::<f64>().ok());
    match (ticks, up) {
        (Some(ticks), Some(up)) => Ok(Duration::from_secs_f64(
            (up - ticks / TICKS_A_SECOND).max(0.0),
        )),
        _ => Err(Fault::Other(format!("/proc/{id}/stat is not as it was"))),
    }
}

/// How busy the machine is.
pub(crate) fn load_average() -> String {
    fs::read_to_string("/proc/loadavg")
        .ok()
        .and_then(|text| text.split_whitespace().next().map(str::to_owned))
        .unwrap_or_default()
}
