//! Of repositories in the repository.

use super::Repository;

/// A repository without a file of the project in it.
fn another(files: &[(&str, &str)]) -> Repository {
    let other = Repository::new();
    other.git(&["rm", "--quiet", "-r", "."]);
    files.iter().for_each(|(path, text)| other.write(path, text));
    other.commit();
    other
}

impl Repository {
    /// Brings another into a folder of this one.
    fn bring(&self, other: &Self, folder: &str) {
        let from = other.root.to_string_lossy().into_owned();
        self.git(&["-c", "protocol.file.allow=always", "submodule", "--quiet", "add", &from, folder]);
        self.commit();
    }

    /// Commits that a submodule is at a commit that nobody has.
    fn at_no_commit(&self, submodule: &str) {
        let gone = "0123456789012345678901234567890123456789";
        self.git(&["update-index", "--cacheinfo", &format!("160000,{gone},{submodule}")]);
        self.git(&["commit", "--quiet", "--message", "a commit that nobody has"]);
    }
}

/// A repository whose `lib` is a submodule, with two files; and where that comes from.
fn with_submodule() -> (Repository, Repository) {
    let other = another(&[
        ("mail.play", "fn of_mail() -> Int {\n  let unused = 1\n  2\n}\n"),
        ("call.play", "fn of_call() -> Int {\n  let unused = of_cases()\n  2\n}\n"),
    ]);
    let here = Repository::new();
    here.bring(&other, "lib");
    (here, other)
}

/// Commits what is in a submodule, and that in the repository.
fn commit_within(here: &Repository, folder: &str) {
    let ada = ["-c", "user.name=Ada", "-c", "user.email=ada@example.com"];
    here.git(&[&["-C", folder], &ada[..], &["commit", "-qam", "more"]].concat());
    here.commit();
}

#[test]
fn of_a_submodule_what_has_changed_in_it_is_looked_at() {
    let (here, _other) = with_submodule();
    assert_eq!(here.found("HEAD"), Vec::<String>::new());
    assert_eq!(here.found("HEAD~1"), ["lib/call.play", "lib/mail.play"], "it is new");
    here.touch("lib/mail.play");
    assert_eq!(here.found("HEAD"), ["lib/mail.play"]);
    here.write("lib/new.play", "fn new() -> Int {\n  let unused = of_mail()\n  2\n}\n");
    assert_eq!(here.found("HEAD"), ["lib/mail.play", "lib/new.play"]);
    here.git(&["-C", "lib", "add", "--all"]);
    commit_within(&here, "lib");
    assert_eq!(here.found("HEAD"), Vec::<String>::new());
    assert_eq!(here.found("HEAD~1"), ["lib/mail.play", "lib/new.play"]);
    // What is gone in there leaves what rested on it.
    std::fs::remove_file(here.root.join("lib/mail.play")).unwrap();
    assert_eq!(here.found("HEAD"), ["lib/new.play"]);
    // And what is outside rests on it, and it on that.
    here.git(&["-C", "lib", "checkout", "--quiet", "mail.play"]);
    here.touch("cases.play");
    assert_eq!(here.found("HEAD"), ["cases.play", "lib/call.play", "triage.play"]);
}

#[test]
fn of_a_submodule_whose_commit_is_not_here_it_says_so_and_looks_at_all() {
    let (here, _other) = with_submodule();
    let all = ["apart.play", "cases.play", "lib/call.play", "lib/mail.play", "triage.play"];
    here.at_no_commit("lib");
    assert_eq!(here.found("HEAD"), all);
    let said = here.run(&["check", "--since", "HEAD"]).err;
    assert!(said.contains("the submodule lib was at 012345678901, and that commit is not here"), "{said}");
    here.git(&["add", "lib"]);
    here.git(&["commit", "--quiet", "--message", "there again"]);
    assert_eq!(here.found("HEAD"), Vec::<String>::new());
    std::fs::remove_dir_all(here.root.join("lib")).unwrap();
    assert_eq!(here.found("HEAD"), ["apart.play", "cases.play", "triage.play"]);
    let said = here.run(&["check", "--since", "HEAD"]).err;
    assert!(said.contains("and is not here any more: all files are looked at"), "{said}");
}

/// What is wrong in there is told in the words of git, and what can be done is told.
#[test]
fn of_a_submodule_that_git_cannot_read_it_says_why() {
    let (here, _other) = with_submodule();
    let all = ["apart.play", "cases.play", "lib/call.play", "lib/mail.play", "triage.play"];
    let said = || here.run(&["check", "--since", "HEAD~1"]).err;
    here.touch("lib/mail.play");
    here.git(&["-C", "lib", "add", "--all"]);
    commit_within(&here, "lib");
    assert_eq!(here.found("HEAD~1"), ["lib/mail.play"]);
    let link = std::fs::read_to_string(here.root.join("lib/.git")).unwrap();
    here.write("lib/.git", "gitdir: ../nowhere\n");
    assert_eq!(here.found("HEAD~1"), all);
    assert!(said().contains(", and git says in there: fatal: not a git repository: "), "{}", said());
    std::fs::remove_file(here.root.join("lib/.git")).unwrap();
    assert_eq!(here.found("HEAD~1"), all);
    let told = format!(
        "the submodule lib is not checked out (git -C {} submodule update --init lib): all files are looked at\n",
        here.root.display()
    );
    assert!(said().contains(&told), "{}", said());
    here.write("lib/.git", &link);
    assert_eq!(here.found("HEAD~1"), ["lib/mail.play"]);
    // Its files are those of the repository now.
    here.git(&["rm", "--quiet", "--cached", "lib"]);
    std::fs::remove_file(here.root.join("lib/.git")).unwrap();
    here.git(&["add", "--all"]);
    assert_eq!(here.found("HEAD"), all);
    let said = here.run(&["check", "--since", "HEAD"]).err;
    assert!(said.contains("and is no submodule any more: all files are looked at"), "{said}");
}

/// Whatever became of one in which the project has no file, nothing rests on that, and git is not started in there.
#[test]
fn a_submodule_without_a_file_of_the_project_is_left_alone() {
    let here = Repository::new();
    here.bring(&another(&[("zlib.c", "int one;\n")]), "vendor/zlib");
    here.touch("apart.play");
    let only_that = || {
        let ran = here.run(&["check", "--since", "HEAD~1"]);
        assert!(ran.err.starts_with("1 of 4 files changed since HEAD~1 or rest on what has;"), "{ran:?}");
    };
    only_that();
    here.write("vendor/zlib/zlib.c", "int two;\n");
    here.git(&["-C", "vendor/zlib", "add", "--all"]);
    commit_within(&here, "vendor/zlib");
    here.touch("apart.play");
    only_that();
    here.at_no_commit("vendor/zlib");
    here.git(&["add", "vendor/zlib"]);
    here.git(&["commit", "--quiet", "--message", "there again"]);
    here.touch("apart.play");
    only_that();
    here.write("vendor/zlib/.git", "gitdir: ../nowhere\n");
    only_that();
    std::fs::remove_file(here.root.join("vendor/zlib/.git")).unwrap();
    only_that();
}

#[test]
fn of_a_submodule_in_a_submodule_what_has_changed_in_it_is_looked_at() {
    let deep = another(&[
        ("deep.play", "fn of_deep() -> Int {\n  let unused = 1\n  2\n}\n"),
        ("same.play", "const same = 1\n"),
    ]);
    let (here, other) = with_submodule();
    other.bring(&deep, "more/deep");
    here.git(&["-C", "lib", "-c", "protocol.file.allow=always", "pull", "--quiet", "origin", "main"]);
    here.git(&["-C", "lib", "-c", "protocol.file.allow=always", "submodule", "--quiet", "update", "--init"]);
    here.commit();
    assert_eq!(here.found("HEAD"), Vec::<String>::new());
    assert_eq!(here.found("HEAD~1"), ["lib/more/deep/deep.play"], "it is new");
    here.touch("lib/more/deep/deep.play");
    assert_eq!(here.found("HEAD"), ["lib/more/deep/deep.play"]);
    // What is gone in there leaves what rested on it, further out.
    here.write("on_it.play", "fn on_it() -> Int {\n  let unused = of_deep()\n  2\n}\n");
    here.git(&["add", "on_it.play"]);
    here.git(&["commit", "--quiet", "--message", "more"]);
    assert_eq!(here.found("HEAD"), ["lib/more/deep/deep.play", "on_it.play"]);
    std::fs::remove_file(here.root.join("lib/more/deep/deep.play")).unwrap();
    assert_eq!(here.found("HEAD"), ["on_it.play"]);
    here.git(&["-C", "lib/more/deep", "checkout", "--quiet", "deep.play"]);
    assert_eq!(here.found("HEAD"), Vec::<String>::new());
    // Where it is not checked out, it is told from where it is to be.
    std::fs::remove_file(here.root.join("lib/more/deep/.git")).unwrap();
    let gone = "160000,0123456789012345678901234567890123456789,more/deep";
    here.git(&["-C", "lib", "update-index", "--cacheinfo", gone]);
    let said = here.run(&["check", "--since", "HEAD"]).err;
    let told = format!(
        "the submodule lib/more/deep is not checked out (git -C {} submodule update --init more/deep)",
        here.root.join("lib").display()
    );
    assert!(said.contains(&told), "{said}");
}

/// Of a project in there the revision is one of the submodule; of a package in there it is one of the repository round it.
#[test]
fn a_folder_of_the_project_may_lie_inside_of_a_submodule() {
    let other = another(&[
        ("common/play.toml", "name = \"common\"\nedition = \"2026\"\n"),
        ("common/names.play", "const own = \"us\"\n"),
        ("common/more.play", "const more = \"us\"\n"),
        ("apart.play", "fn apart() -> Int {\n  let unused = 1\n  2\n}\n"),
    ]);
    let here = Repository::new();
    here.write(
        "soc/play.toml",
        "name = \"soc\"\nedition = \"2026\"\n\n[packages]\ncommon = { path = \"../lib/common\" }\n",
    );
    here.write("soc/a.play", "use common.names\n\nfn a() -> String {\n  let unused = 1\n  own\n}\n");
    here.write("soc/b.play", "use common.more\n\nfn b() -> String {\n  let unused = 1\n  more\n}\n");
    here.bring(&other, "lib");
    let found = |project: &str, since: &str| here.found_in(project, since);
    assert_eq!(found("soc", "HEAD"), Vec::<String>::new());
    here.touch("lib/apart.play");
    assert_eq!(found("soc", "HEAD"), Vec::<String>::new());
    here.touch("lib/common/names.play");
    assert_eq!(found("soc", "HEAD"), ["soc/a.play"]);
    assert_eq!(found("lib", "HEAD"), ["lib/apart.play"]);
    here.git(&["-C", "lib", "add", "--all"]);
    commit_within(&here, "lib");
    assert_eq!(found("soc", "HEAD"), Vec::<String>::new());
    assert_eq!(found("soc", "HEAD~1"), ["soc/a.play"]);
    assert_eq!(found("lib", "HEAD"), Vec::<String>::new());
    assert_eq!(found("lib", "HEAD~1"), ["lib/apart.play"]);
}
