//! Each action of the standard library's connectors, from its arguments to its typed result, against the demo server: the way
//! of the real thing, with the real transport.

#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "a test may stop")]

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use play_check::{Input, check};
use play_connect::{Reply, Sent, Settings, Transport, parse_body};
use play_demo::{Fault, Handle, Kind, Options, serve};
use play_program::action::ConfigField;
use play_program::artifact::{Artifact, SourceFile};
use play_program::exec::Program;
use play_program::json::{Doc, JsonAt, ReadLog};
use play_program::types::{Type, TypeTable};
use play_program::value::FailureKind;
use play_program::{Value, convert};
use play_vm::Vm;
use tokio::net::TcpListener;

const TOKEN: &str = "demo-token";

/// A program with all connectors, and the server that they talk to.
struct World {
    artifact: Arc<Artifact>,
    vm: Vm,
    settings: Settings,
    transport: Transport,
    demo: Handle,
}

fn artifact() -> Artifact {
    let uses: String = play_stdlib::modules()
        .filter(|m| m.starts_with("connectors/"))
        .map(|m| format!("use std.{}\n", m.replace('/', ".")))
        .collect();
    let files = vec![SourceFile { path: "all.play".into(), text: uses }];
    let checked = check(&Input { project: "all".into(), files }, &play_stdlib::module);
    let errors: Vec<&String> = checked.diagnostics.iter().map(|d| &d.message).collect();
    let program = checked.program.unwrap_or_else(|| panic!("{errors:?}"));
    play_codegen::compile(&program, "test").unwrap()
}

/// Where the demo server answers for a connector.
fn folder(connector: &str) -> &str {
    if connector == "ipintel" { "intel" } else { connector }
}

impl World {
    async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let demo = serve(listener, Options { token: Some(TOKEN.into()), ..Options::default() }).unwrap();
        let artifact = Arc::new(artifact());
        let config: String = artifact
            .manifest
            .connectors
            .iter()
            .map(|c| {
                let at = format!("http://{}/{}", demo.address(), folder(&c.name));
                let word = if c.name == "sentinelone" { "ApiToken " } else { "" };
                let setting = |field: &ConfigField| match (field.name.as_str(), field.secret) {
                    ("base_url", _) => format!("base_url = '{at}'\n"),
                    ("login_url", _) => format!("login_url = '{at}/oauth2/token'\n"),
                    (name, true) => format!("{name} = {{ command = ['echo', '{word}{TOKEN}'] }}\n"),
                    (name, false) => format!("{name} = 'play'\n"),
                };
                format!("[connectors.{}]\n{}", c.name, c.config.iter().map(setting).collect::<String>())
            })
            .collect();
        let settings = Settings::load(&[("test.toml", &config)], &artifact.manifest.connectors).unwrap();
        let transport = Transport::new().unwrap();
        Self { vm: Vm::new(Arc::clone(&artifact)), artifact, settings, transport, demo }
    }

    fn types(&self) -> &TypeTable {
        &self.artifact.manifest.types
    }

    /// What an action is called with here. A new parameter needs a value.
    fn sample(&self, name: &str, ty: &Type) -> Value {
        if matches!(self.types().repr(ty), Type::Option(_)) {
            return Value::None;
        }
        let text = match name {
            "id" => "AIDAEXAMPLE0DEPLOYSHOP",
            "account" => "111122223333",
            "channel" => "#identity",
            "title" | "text" | "summary" | "description" | "short_description" => "Impossible travel",
            "project" => "SEC",
            "kind" => "Incident",
            "issue" => "SEC-1",
            "hash" => "d41d8cd98f00b204e9800998ecf8427e",
            "domain" => "example.net",
            // Numbers are not read from text.
            "urgency" | "impact" => return Value::Int(2),
            "ip" => "203.0.113.99",
            "severity" => "High",
            other => panic!("no sample for the parameter `{other}`"),
        };
        convert::parse_text(ty, text, self.types()).unwrap()
    }

    async fn send(&self, call: &str, args: &[Value], key: Option<&str>) -> Reply {
        let manifest = &self.artifact.manifest;
        let (connector, name) = call.split_once('.').unwrap();
        let id = manifest.find_action(connector, name).unwrap();
        let action = manifest.action(id).unwrap();
        let connector = manifest.connectors.iter().find(|c| c.name == connector).unwrap();
        let request = self.vm.request(id, args).unwrap();
        self.transport.send(connector, action, &request, &self.settings, key, Duration::from_secs(30)).await
    }

    /// The result of a call as JSON, or its failure.
    async fn call(
        &self,
        call: &str,
        args: &[Value],
        key: Option<&str>,
    ) -> Result<String, (FailureKind, Sent)> {
        match self.send(call, args, key).await {
            Reply::Failed { kind, sent, .. } => Err((kind, sent)),
            Reply::Answered { status, body, .. } => {
                let (connector, name) = call.split_once('.').unwrap();
                let id = self.artifact.manifest.find_action(connector, name).unwrap();
                let body = JsonAt::root(Arc::new(Doc::Whole(parse_body(&body).unwrap())));
                let value = self.vm.respond(id, args, status, &body, &mut ReadLog::default()).unwrap();
                let result = &self.artifact.manifest.action(id).unwrap().result;
                Ok(convert::to_recorded(&value, result, self.types()).to_string())
            }
        }
    }
}

#[tokio::test]
async fn every_action_has_an_answer() {
    let world = World::start().await;
    let mut answers = BTreeMap::new();
    // Undoing comes after what is undone.
    let mut actions = world.artifact.manifest.actions.clone();
    actions.sort_by_key(|a| a.class.as_deref() == Some("restore"));
    for action in actions {
        let args: Vec<Value> = action.params.iter().map(|(name, ty)| world.sample(name, ty)).collect();
        let call = action.full_name();
        let answer = world.call(&call, &args, None).await.unwrap_or_else(|e| panic!("{call}: {e:?}"));
        answers.insert(call, answer);
    }
    let shown: String = answers.iter().map(|(call, answer)| format!("{call}: {answer}\n")).collect();
    insta::assert_snapshot!(shown);
    assert_eq!(world.demo.counts().doubles, []);
}

#[tokio::test]
async fn what_is_not_there_is_not_found() {
    let world = World::start().await;
    let missing = [Value::str("missing-1")];
    for call in [
        "okta.user",
        "okta.last_sign_ins",
        "okta.suspend",
        "aws.principal",
        "aws.quarantine",
        "assets.owner",
        "entra.user",
        "entra.disable",
        "entra.revoke_sessions",
        "falcon.host",
        "falcon.contain",
        "sentinelone.agent",
        "sentinelone.disconnect",
    ] {
        assert_eq!(
            world.call(call, &missing, None).await,
            Err((FailureKind::NotFound, Sent::Refused)),
            "{call}"
        );
    }
}

#[tokio::test]
async fn a_second_suspension_is_refused_and_counted() {
    let world = World::start().await;
    let user = [Value::str("00u1dag9MvCqR1oPi4x7")];
    world.call("okta.suspend", &user, None).await.unwrap();
    assert!(world.call("okta.user", &user, None).await.unwrap().contains("SUSPENDED"));
    assert_eq!(world.call("okta.suspend", &user, None).await, Err((FailureKind::Rejected, Sent::Refused)));
    let counts = world.demo.counts();
    assert_eq!(
        counts.writes.iter().map(|w| (w.performed, w.status)).collect::<Vec<_>>(),
        [(true, Some(200)), (false, Some(400))]
    );
    assert_eq!(counts.doubles.iter().map(|d| d.times).collect::<Vec<_>>(), [2]);
}

#[tokio::test]
async fn the_same_key_is_the_same_ticket() {
    let world = World::start().await;
    let ticket = [Value::str("title"), Value::str("text"), Value::Enum(3)];
    let first = world.call("tickets.open", &ticket, Some("run-7")).await.unwrap();
    assert_eq!(world.call("tickets.open", &ticket, Some("run-7")).await.unwrap(), first);
    assert_ne!(world.call("tickets.open", &ticket, Some("run-8")).await.unwrap(), first);
    let counts = world.demo.counts();
    assert_eq!(counts.writes.iter().map(|w| w.performed).collect::<Vec<_>>(), [true, false, true]);
    assert_eq!(counts.doubles[0].times, 2);
}

#[tokio::test]
async fn faults_are_seen_as_what_they_are() {
    let world = World::start().await;
    let user = [Value::str("00u1ben3KdSwZ8yUe4x7")];
    let fault = |kind| world.demo.fault(Fault { path: "/okta".into(), kind, times: 1 });
    for (status, failure) in [
        (501, (FailureKind::Unavailable, Sent::Refused)),
        (503, (FailureKind::Unavailable, Sent::Unknown)),
        (408, (FailureKind::Rejected, Sent::Unknown)),
        (500, (FailureKind::Unavailable, Sent::Unknown)),
        (429, (FailureKind::RateLimited, Sent::Refused)),
    ] {
        fault(Kind::Status { value: status });
        assert_eq!(world.call("okta.suspend", &user, None).await, Err(failure));
    }
    fault(Kind::ResetAfterRequest);
    assert_eq!(world.call("okta.suspend", &user, None).await, Err((FailureKind::Unavailable, Sent::Unknown)));
    // It was carried out, which is why nobody may send it again.
    assert!(world.call("okta.user", &user, None).await.unwrap().contains("SUSPENDED"));
    let performed: Vec<bool> = world.demo.counts().writes.iter().map(|w| w.performed).collect();
    assert_eq!(performed, [false, false, false, false, false, true]);
    fault(Kind::DelayMs { value: 1 });
    assert!(world.call("okta.user", &user, None).await.is_ok());
}
