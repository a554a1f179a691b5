//! The hosts that a URL names, and where each of them is: every one is tried by itself, with its own time and its own reason.

use std::net::IpAddr;

use tokio_postgres::Config;
use tokio_postgres::config::{Host, LoadBalanceHosts};

/// One that is to be tried.
#[derive(Clone)]
pub(crate) struct One {
    host: Option<Host>,
    address: Option<IpAddr>,
    port: u16,
}

/// All of them, in the order in which they are tried.
///
/// # Errors
/// Where they do not fit the addresses or ports that are named as well.
pub(crate) fn of(config: &Config) -> Result<Vec<One>, String> {
    let (hosts, addresses, ports) = (config.get_hosts(), config.get_hostaddrs(), config.get_ports());
    let count = hosts.len().max(addresses.len());
    if !hosts.is_empty() && !addresses.is_empty() && hosts.len() != addresses.len() {
        return Err(format!(
            "it names {} and {}: one address is for one host",
            counted(hosts.len(), "host"),
            counted(addresses.len(), "`hostaddr`")
        ));
    }
    if ports.len() > 1 && ports.len() != count {
        return Err(format!(
            "it names {} and {}: one port is for all, or one for each",
            counted(count, "host"),
            counted(ports.len(), "port")
        ));
    }
    let port = |n: usize| ports.get(n).or(ports.first()).copied().unwrap_or(5432);
    let one = |n| One { host: hosts.get(n).cloned(), address: addresses.get(n).copied(), port: port(n) };
    let mut all: Vec<One> = (0..count).map(one).collect();
    mixed(config, &mut all);
    Ok(all)
}

fn counted(n: usize, what: &str) -> String {
    format!("{n} {what}{}", if n == 1 { "" } else { "s" })
}

/// Where it does not matter which comes first, another does each time.
fn mixed<T>(config: &Config, all: &mut [T]) {
    if config.get_load_balance_hosts() == LoadBalanceHosts::Random {
        all.sort_by_cached_key(|_| getrandom::u64().unwrap_or_default());
    }
}

impl One {
    /// How it is called in the URL.
    pub(crate) fn name(&self) -> String {
        let name = match (&self.host, &self.address) {
            (Some(Host::Tcp(name)), _) => name.clone(),
            (Some(Host::Unix(folder)), _) => folder.display().to_string(),
            (None, address) => address.map(|a| a.to_string()).unwrap_or_default(),
        };
        if self.port == 5432 { name } else { format!("{name}:{}", self.port) }
    }

    /// The address that it is at, where one was looked up or written beside its name.
    pub(crate) fn address(&self) -> Option<IpAddr> {
        self.address
    }

    /// The same, once for each address of its name.
    ///
    /// # Errors
    /// Where the name has none.
    pub(crate) async fn at_each(&self, config: &Config) -> Result<Vec<Self>, String> {
        let (Some(Host::Tcp(name)), None) = (&self.host, self.address) else { return Ok(vec![self.clone()]) };
        let found = tokio::net::lookup_host((name.as_str(), self.port)).await;
        let found = found.map_err(|e| format!("its name cannot be looked up: {e}"))?;
        let at = |address: std::net::SocketAddr| Self { address: Some(address.ip()), ..self.clone() };
        let mut all: Vec<Self> = found.map(at).collect();
        mixed(config, &mut all);
        Ok(all)
    }

    /// What is asked of it alone.
    pub(crate) fn alone(&self, all: &Config) -> Config {
        let mut config = Config::new();
        if let Some(user) = all.get_user() {
            config.user(user);
        }
        if let Some(password) = all.get_password() {
            config.password(password);
        }
        if let Some(database) = all.get_dbname() {
            config.dbname(database);
        }
        if let Some(options) = all.get_options() {
            config.options(options);
        }
        if let Some(name) = all.get_application_name() {
            config.application_name(name);
        }
        match &self.host {
            Some(Host::Tcp(name)) => drop(config.host(name)),
            Some(Host::Unix(folder)) => drop(config.host_path(folder)),
            None => {}
        }
        if let Some(address) = self.address {
            config.hostaddr(address);
        }
        config.port(self.port);
        if let Some(timeout) = all.get_connect_timeout() {
            config.connect_timeout(*timeout);
        }
        if let Some(timeout) = all.get_tcp_user_timeout() {
            config.tcp_user_timeout(*timeout);
        }
        config.keepalives(all.get_keepalives()).keepalives_idle(all.get_keepalives_idle());
        if let Some(interval) = all.get_keepalives_interval() {
            config.keepalives_interval(interval);
        }
        if let Some(retries) = all.get_keepalives_retries() {
            config.keepalives_retries(retries);
        }
        config
            .ssl_mode(all.get_ssl_mode())
            .ssl_negotiation(all.get_ssl_negotiation())
            .target_session_attrs(all.get_target_session_attrs())
            .channel_binding(all.get_channel_binding())
            .load_balance_hosts(all.get_load_balance_hosts());
        config
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn config(text: &str) -> Config {
        text.parse().unwrap()
    }

    #[test]
    fn what_is_asked_of_one_is_what_is_asked_of_all() {
        for url in [
            "postgres://db.example/e",
            "postgres://a:secret@db.example:5433/e?hostaddr=10.0.0.7&options=-csearch_path%3Done&application_name=x&sslmode=require\
             &sslnegotiation=direct&connect_timeout=7&tcp_user_timeout=8&keepalives=0&keepalives_idle=9&keepalives_interval=10\
             &keepalives_retries=11&target_session_attrs=read-write&channel_binding=require&load_balance_hosts=random",
            "postgres://a@/e?host=/run/postgresql&port=5433",
        ] {
            let all = config(url);
            let one = &of(&all).unwrap()[0];
            // Where none is named it is the usual one.
            let mut same = all.clone();
            if same.get_ports().is_empty() {
                same.port(5432);
            }
            assert_eq!(one.alone(&all), same, "{url}");
        }
    }

    #[test]
    fn each_has_its_own_place() {
        let names = |url: &str| of(&config(url)).map(|all| all.iter().map(One::name).collect::<Vec<_>>());
        assert_eq!(names("postgres://one,two:5433/e").unwrap(), ["one", "two:5433"]);
        assert_eq!(names("postgres://one,two/e?hostaddr=10.0.0.1,10.0.0.2").unwrap(), ["one", "two"]);
        let error = names("postgres://one,two/e?hostaddr=10.0.0.1").unwrap_err();
        assert_eq!(error, "it names 2 hosts and 1 `hostaddr`: one address is for one host");
        let error = names("postgres://one,two,three/e?port=1").unwrap_err();
        assert_eq!(error, "it names 3 hosts and 4 ports: one port is for all, or one for each");
    }
}
