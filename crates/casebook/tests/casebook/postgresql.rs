//! The schema and every statement on a real PostgreSQL: the day a country
//! outgrows SQLite, no statement is to be written anew.

use std::fs;
use std::net::Ipv4Addr;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use belfry_casebook::sql;
use belfry_testbed::{free_port, loopback, skip};

const BIN: &str = "/usr/lib/postgresql/15/bin";

/// A PostgreSQL of this test's own, stopped when dropped.
struct Server {
    folder: tempfile::TempDir,
    address: Ipv4Addr,
    port: u16,
}

impl Server {
    /// Starts one, or says why there is none.
    fn start() -> Option<Self> {
        if !Path::new(BIN).join("initdb").exists() {
            skip("postgresql", "is not installed (apt install postgresql-15)");
            return None;
        }
        let folder = tempfile::Builder::new().prefix("pg").tempdir_in("/tmp").unwrap();
        // initdb refuses root: the folder must be reachable and owned by `postgres`.
        if is_root() {
            succeed(Command::new("chown").arg("postgres").arg(folder.path()));
        }
        let server = Self { folder, address: loopback(), port: free_port() };
        let data = server.data();
        succeed(
            server
                .command("initdb")
                .arg("-D")
                .arg(&data)
                .args(["-A", "trust", "-U", "belfry"])
                .arg("-N"),
        );
        let options = format!(
            "-c listen_addresses={} -c port={} -c unix_socket_directories={} -c fsync=off",
            server.address,
            server.port,
            server.folder.path().display()
        );
        succeed(
            server
                .command("pg_ctl")
                .arg("-D")
                .arg(&data)
                .arg("-l")
                .arg(server.folder.path().join("log"))
                .args(["-w", "-t", "30", "-o", &options, "start"]),
        );
        Some(server)
    }

    fn data(&self) -> PathBuf {
        self.folder.path().join("data")
    }

    /// One of PostgreSQL's programs, as its user where we are root.
    fn command(&self, program: &str) -> Command {
        let program = Path::new(BIN).join(program);
        let mut command = if is_root() {
            let mut command = Command::new("runuser");
            command.args(["-u", "postgres", "--"]).arg(program);
            command
        } else {
            Command::new(program)
        };
        command.current_dir(self.folder.path());
        command
    }

    /// Runs `script` by `psql`, stopping at the first error.
    fn run(&self, script: &Path) -> Output {
        Command::new("psql")
            .args(["-X", "-q", "-v", "ON_ERROR_STOP=1", "-U", "belfry", "-d", "postgres"])
            .args(["-h", &self.address.to_string(), "-p", &self.port.to_string()])
            .arg("-f")
            .arg(script)
            .output()
            .unwrap()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let data = self.data();
        let _ =
            self.command("pg_ctl").arg("-D").arg(data).args(["-m", "immediate", "stop"]).output();
    }
}

fn is_root() -> bool {
    let id = Command::new("id").arg("-u").output().unwrap();
    id.stdout.trim_ascii() == b"0"
}

fn succeed(command: &mut Command) {
    let output = command.output().unwrap();
    assert!(output.status.success(), "{command:?}: {}", String::from_utf8_lossy(&output.stderr));
}

fn migrations() -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("migrations");
    let mut files: Vec<_> =
        fs::read_dir(folder).unwrap().map(|file| file.unwrap().path()).collect();
    files.sort();
    files
}

#[test]
fn postgresql_takes_the_schema_and_every_statement() {
    let Some(server) = Server::start() else { return };
    for migration in migrations() {
        let output = server.run(&migration);
        let why = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{}: {why}", migration.display());
    }
    let mut refused = Vec::new();
    let script = tempfile::NamedTempFile::new().unwrap();
    for (table, statements) in sql::ALL {
        for (name, text) in *statements {
            fs::write(script.path(), format!("PREPARE statement AS {text};\n")).unwrap();
            let output = server.run(script.path());
            if !output.status.success() {
                let why = String::from_utf8_lossy(&output.stderr);
                refused.push(format!("{table}::{name}: {why}"));
            }
        }
    }
    assert!(refused.is_empty(), "{}", refused.join("\n"));
    fs::write(script.path(), "PREPARE statement AS SELECT no_such_column FROM cases;").unwrap();
    assert!(!server.run(script.path()).status.success(), "a wrong statement is refused");
}

#[test]
fn statements_are_written_in_one_place_and_all_are_listed() {
    let listed: usize = sql::ALL.iter().map(|(_, statements)| statements.len()).sum();
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/sql");
    let files = fs::read_dir(folder).unwrap().count();
    assert_eq!(files, sql::ALL.len(), "each file of src/sql is in sql::ALL");
    assert!(listed > 40);
}
