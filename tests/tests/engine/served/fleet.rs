//! Services that share a database, and a target that keeps account of what it was told to do.

use std::path::Path;
use std::process::{Child, Command};
use std::time::{Duration, Instant};

use play_demo::{Running, Target};
use play_tests::postgres::proxy::Proxy;
use play_tests::{postgres, store};
use serde_json::{Value, json};

use super::{SERVED, Service, World, outcome};

const HEAD: &str = r#"
case T { q: String }
source src from feed("t") -> T { map { q = payload.q as String? } }
role lead
connector x {
  config { base_url: Url }
  write act(q: String) -> String
    POST "/act/act" json { q: q, to: "acted" }
    expect 200 -> body
    class notify
}
"#;

/// A database that several services share, and a target.
pub struct Fleet {
    pub world: World,
    pub place: String,
    pub target: Running<Target>,
}

impl Fleet {
    pub fn new(playbook: &str) -> Self {
        Self::at(postgres::place(), playbook)
    }

    /// At this database.
    pub fn at(place: String, playbook: &str) -> Self {
        let target = Running::start(Target::serve).unwrap();
        let settings = format!(
            "name = \"fleet\"\n[store]\nshare = true\n{SERVED}\
             [serve.webhook.desk]\nevents = true\nsecret = {{ file = \"hmac\" }}\nheader = \"X-Signature\"\nprefix = \"sha256=\"\n\
             [connectors.x]\nbase_url = \"{}\"\n",
            target.url("i")
        );
        let world = World::new(&[("p.play", &format!("{HEAD}{playbook}")), ("play.toml", &settings)]);
        Self { world, place, target }
    }

    /// The same, with further connectors of these names at the target.
    pub fn with(connectors: &[&str], playbook: &str) -> Self {
        let fleet = Self::new(playbook);
        let settings = fleet.world.path("play.toml");
        let mut text = std::fs::read_to_string(&settings).unwrap();
        for name in connectors {
            text.push_str(&format!("[connectors.{name}]\nbase_url = \"{}\"\n", fleet.target.url("i")));
        }
        std::fs::write(settings, text).unwrap();
        fleet
    }

    pub fn serve(&self) -> Service {
        self.world.serve_at(&self.place, &[])
    }

    /// One whose connections to the database go through a proxy.
    pub fn serve_through(&self, proxy: &Proxy) -> Service {
        self.world.serve_at(&proxy.through(&self.place), &[])
    }

    /// How many runs are a process's own.
    pub fn owned_by(&self, process: &Child) -> usize {
        let sql = format!(
            "SELECT 1 FROM play_leases l JOIN play_workers w USING (worker) \
             WHERE l.scope <> '' AND w.name LIKE 'process {} %'",
            process.id()
        );
        postgres::sql(&self.place, &sql).len()
    }

    pub fn sent(&self) -> Vec<String> {
        self.target.account("i").received.into_iter().map(|r| r.q).collect()
    }

    pub fn runs(&self) -> Vec<Value> {
        store::runs(Path::new(&self.place))
    }

    pub fn lines(&self, kind: &str) -> usize {
        let sql =
            format!("SELECT 1 FROM play_lines WHERE convert_from(line, 'UTF8')::jsonb ->> 'k' = '{kind}'");
        postgres::sql(&self.place, &sql).iter().filter(|row| row.iter().any(|v| !v.is_empty())).count()
    }

    pub fn within<T>(&self, seconds: u64, what: &str, mut look: impl FnMut() -> Option<T>) -> T {
        let start = Instant::now();
        loop {
            if let Some(found) = look() {
                return found;
            }
            let runs = || self.runs();
            assert!(
                start.elapsed() < Duration::from_secs(seconds),
                "not within {seconds} s: {what}: {:#?}",
                runs()
            );
            std::thread::sleep(Duration::from_millis(50));
        }
    }

    pub fn all_closed(&self, n: usize) {
        self.within(60, "all runs are closed", || {
            let runs = self.runs();
            (runs.len() == n && runs.iter().all(|run| run["state"] == "closed")).then_some(())
        });
    }

    pub fn is_sound(&self) {
        World::is_sound_at(&self.place);
    }
}

pub fn signal(service: &Service, signal: &str) {
    let status = Command::new("kill").args([signal, &service.child.id().to_string()]).status();
    assert!(status.unwrap().success());
}

pub fn accepted(service: &Service, q: &str) -> String {
    let (status, answer) = service.send("", &json!({ "q": q }).to_string());
    assert_eq!((status, outcome(&answer)), (202, "accepted"), "{answer}");
    answer["records"][0]["case"].as_str().unwrap_or_default().to_string()
}
