//! The outside systems of the examples: `cargo run -p play-demo -- --port 8099`.

use std::process::ExitCode;
use std::time::Duration;

use clap::Parser;
use play_demo::{Options, serve};
use tokio::net::TcpListener;

/// Stands for the outside systems of the examples, on 127.0.0.1.
#[derive(Parser)]
#[command(name = "play-demo")]
struct Cli {
    /// Port; 0 takes a free one
    #[arg(long, default_value_t = 8099)]
    port: u16,
    /// How long each answer takes: 20ms, 1s
    #[arg(long, default_value = "0ms", value_parser = duration)]
    latency: Duration,
    /// Bearer token that must come with each request
    #[arg(long)]
    token: Option<String>,
}

fn duration(text: &str) -> Result<Duration, String> {
    let parsed: jiff::SignedDuration = text.parse().map_err(|e: jiff::Error| e.to_string())?;
    Duration::try_from(parsed).map_err(|_| "must not be negative".to_string())
}

#[tokio::main]
async fn main() -> ExitCode {
    let cli = Cli::parse();
    let listener = match TcpListener::bind(("127.0.0.1", cli.port)).await {
        Ok(listener) => listener,
        Err(error) => {
            eprintln!("play-demo: port {} of 127.0.0.1 cannot be used: {error}", cli.port);
            return ExitCode::from(2);
        }
    };
    let handle = match serve(listener, Options { latency: cli.latency, token: cli.token }) {
        Ok(handle) => handle,
        Err(error) => {
            eprintln!("play-demo: {error}");
            return ExitCode::from(2);
        }
    };
    println!("listening on {}", handle.address());
    // Until it is interrupted. When signals cannot be had, until it is killed.
    if tokio::signal::ctrl_c().await.is_err() {
        std::future::pending::<()>().await;
    }
    ExitCode::SUCCESS
}
