//! No container engine is needed to know that the Dockerfile names what is there: every path, target, stage and command.
#![allow(clippy::unwrap_used, clippy::expect_used)]

use std::fs;
use std::path::Path;
use std::process::Command;

/// One instruction: its name in capitals, and the rest with continued lines joined.
type Instruction = (String, String);

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn instructions() -> Vec<Instruction> {
    let text = fs::read_to_string(root().join("Dockerfile")).unwrap();
    let lines: Vec<&str> = text.lines().filter(|line| !line.trim_start().starts_with('#')).collect();
    lines
        .join("\n")
        .replace("\\\n", " ")
        .lines()
        .filter_map(|line| line.trim().split_once(' '))
        .map(|(name, rest)| (name.to_uppercase(), rest.trim().to_owned()))
        .collect()
}

fn all<'a>(instructions: &'a [Instruction], name: &str) -> Vec<&'a str> {
    instructions.iter().filter(|(own, _)| own == name).map(|(_, rest)| rest.as_str()).collect()
}

/// The instructions of the stage that becomes the image.
fn last_stage(instructions: &[Instruction]) -> &[Instruction] {
    let from = instructions.iter().rposition(|(name, _)| name == "FROM").unwrap();
    &instructions[from..]
}

/// The words of a JSON array such as `["sunbeon", "serve"]`.
fn words_of(json: &str) -> Vec<String> {
    serde_json::from_str(json).unwrap_or_else(|error| panic!("{json} is not the exec form: {error}"))
}

/// What `sunbeon` says when it is run with these arguments.
fn sunbeon(arguments: &[&str]) -> (bool, String) {
    let output = Command::new(env!("CARGO_BIN_EXE_sunbeon")).args(arguments).output().unwrap();
    (output.status.success(), String::from_utf8_lossy(&output.stdout).into_owned())
}

/// Checks that a command exists and knows each of the `--options` among its words.
fn assert_command_exists(words: &[String]) {
    let command = words.first().expect("a command after sunbeon");
    let (ok, listed) = sunbeon(&["--help"]);
    let known = listed.lines().any(|line| line.split_whitespace().next() == Some(command));
    assert!(ok && known, "sunbeon --help does not list {command}:\n{listed}");
    let (ok, help) = sunbeon(&[command, "--help"]);
    assert!(ok, "sunbeon {command} --help fails");
    for option in words.iter().filter(|word| word.starts_with("--")) {
        assert!(help.contains(option.as_str()), "sunbeon {command} does not know {option}:\n{help}");
    }
}

#[test]
fn every_copied_path_is_there() {
    let instructions = instructions();
    let copies = all(&instructions, "COPY");
    let ours: Vec<&&str> = copies.iter().filter(|copy| !copy.contains("--from=")).collect();
    assert!(!ours.is_empty());
    let ignored = fs::read_to_string(root().join(".dockerignore")).unwrap();
    for copy in ours {
        let mut words: Vec<&str> = copy.split_whitespace().filter(|word| !word.starts_with("--")).collect();
        words.pop();
        for source in words {
            assert!(root().join(source).exists(), "COPY {source}: it isn't in the repository");
            let let_through = format!("!{source}");
            assert!(ignored.lines().any(|line| line == let_through), ".dockerignore keeps {source} out");
        }
    }
}

#[test]
fn every_folder_that_is_compiled_in_is_copied() {
    let instructions = instructions();
    let copied = all(&instructions, "COPY").join(" ");
    for folder in ["src", "templates", "migrations", "static"] {
        let present = root().join(folder).exists();
        assert!(!present || copied.split_whitespace().any(|word| word == folder), "{folder} isn't copied");
    }
}

#[test]
fn the_build_names_our_target_and_keeps_to_the_lock() {
    let instructions = instructions();
    let build = *all(&instructions, "RUN").iter().find(|run| run.contains("cargo build")).unwrap();
    let words: Vec<&str> = build.split_whitespace().collect();
    assert!(words.contains(&"--locked") && words.contains(&"--release"), "{build}");
    let binary = words.windows(2).find(|pair| pair[0] == "--bin").map(|pair| pair[1]);
    // The test is compiled with the name of the package and the path of its executable.
    let executable = Path::new(env!("CARGO_BIN_EXE_sunbeon")).file_stem().unwrap().to_str();
    assert_eq!(binary, executable);
    assert_eq!(binary, Some(env!("CARGO_PKG_NAME")));
}

#[test]
fn the_compiler_is_the_one_the_package_asks_for() {
    let instructions = instructions();
    let wanted = format!("rust:{}", env!("CARGO_PKG_RUST_VERSION"));
    let builder = all(&instructions, "FROM")[0];
    assert!(builder.starts_with(&wanted), "FROM {builder}, but Cargo.toml says {wanted}");
}

#[test]
fn every_stage_that_is_copied_from_exists() {
    let instructions = instructions();
    let stages: Vec<&str> = all(&instructions, "FROM")
        .iter()
        .filter_map(|from| from.split_once(" AS ").map(|(_, name)| name))
        .collect();
    let copies = all(&instructions, "COPY");
    let from: Vec<&str> =
        copies.iter().filter_map(|copy| copy.strip_prefix("--from=")?.split_whitespace().next()).collect();
    assert!(!from.is_empty());
    for stage in from {
        assert!(stages.contains(&stage), "COPY --from={stage}: the stages are {stages:?}");
    }
}

#[test]
fn what_leaves_the_builder_is_what_was_built() {
    let instructions = instructions();
    let workdir = all(&instructions, "WORKDIR")[0];
    let built = format!("{workdir}/target/release/{}", env!("CARGO_PKG_NAME"));
    let copy = all(last_stage(&instructions), "COPY")[0];
    let words: Vec<&str> = copy.split_whitespace().collect();
    assert_eq!(words[1], built);
    let entry = words_of(all(last_stage(&instructions), "ENTRYPOINT")[0]);
    assert_eq!(entry, [words[2]], "ENTRYPOINT starts what was copied");
}

#[test]
fn it_does_not_run_as_root() {
    let instructions = instructions();
    let last = last_stage(&instructions);
    let users = all(last, "USER");
    let user = users.last().expect("a USER in the last stage");
    assert!(!["root", "0"].contains(&user.split(':').next().unwrap()), "USER {user}");
    assert!(
        all(last, "RUN").iter().any(|run| run.contains("useradd") && run.ends_with(*user)),
        "nobody makes {user}"
    );
}

#[test]
fn the_health_check_and_the_command_exist() {
    let instructions = instructions();
    let last = last_stage(&instructions);
    let health = all(last, "HEALTHCHECK");
    let (_, health) = health.first().expect("a HEALTHCHECK").split_once("CMD ").unwrap();
    let health = words_of(health);
    let entry = words_of(all(last, "ENTRYPOINT")[0]);
    assert_eq!(health[0], entry[0]);
    assert_command_exists(&health[1..]);
    assert_command_exists(&words_of(all(last, "CMD")[0]));
    let port = all(last, "EXPOSE")[0];
    assert!(
        health.iter().any(|word| word.contains(&format!(":{port}/"))),
        "the health check asks another port"
    );
}
