//! Deep nesting takes no more stack than a thread has.

use std::sync::Arc;

use play_program::artifact::Artifact;
use play_program::code::{Region, Task, TaskKind};
use play_program::exec::Program;
use play_program::validate::DEEPEST_TASK;
use play_vm::Vm;

use crate::common::{case, program};
use crate::damage::artifact;

/// An artifact whose playbook is nothing but blocks in blocks.
fn nested(depth: usize) -> Artifact {
    let mut artifact = artifact();
    let tasks = &artifact.code.playbooks[0].regions[0].tasks;
    let closes =
        |t: &&Task| matches!(&t.kind, TaskKind::Change { parts, .. } if parts.is_empty() && t.barrier);
    let end = tasks.iter().find(closes).expect("closes").clone();
    let block = |n: u32| Task {
        ordered: true,
        barrier: true,
        sets: Vec::new(),
        kind: TaskKind::Seq { tasks: vec![n + 1] },
    };
    let mut tasks: Vec<Task> = (0..u32::try_from(depth).expect("small")).map(block).collect();
    tasks.push(end);
    artifact.code.playbooks[0].regions = vec![Region { slots: 0, tasks }];
    artifact
}

fn on_a_small_stack(run: impl FnOnce() + Send + 'static) {
    std::thread::Builder::new()
        .stack_size(2 << 20)
        .spawn(run)
        .expect("starts")
        .join()
        .expect("does not overflow");
}

#[test]
fn the_deepest_nesting_that_is_taken_runs() {
    let deepest = nested(DEEPEST_TASK - 1);
    assert_eq!(deepest.validate(), Ok(()));
    on_a_small_stack(move || {
        let due = Vm::new(Arc::new(deepest)).start(0, case()).step(None);
        assert!(matches!(due.as_slice(), [one] if one.what.ends()));
    });
}

#[test]
fn deeper_nesting_is_refused() {
    let error = nested(DEEPEST_TASK).validate().expect_err("is too deep");
    assert!(error.to_string().ends_with("nested more than 600 deep"), "{error}");
}

#[test]
fn a_chain_of_branches_as_deep_as_the_parser_takes_it_runs() {
    on_a_small_stack(|| {
        let chain: String = (0..60).map(|n| format!("if case.n == {n} {{ note \"{n}\" }} else ")).collect();
        let text = format!("playbook p for Alert {{ {chain} {{ }}\n close Duplicate because \"done\" }}");
        let due = program(&text).start(0, case()).step(None);
        // Case 7: seven decisions against, one for, its note, and the end.
        assert_eq!(due.len(), 10);
    });
}
