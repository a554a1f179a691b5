//! What an artifact must not hold. Each test breaks one rule of a valid one.

use play_program::artifact::{Artifact, ArtifactError};
use play_program::call::Call;
use play_program::code::{Block, Constant, Input, Instr, Operand, Task, TaskKind};

use crate::damage::artifact;

fn broken(change: impl FnOnce(&mut Artifact)) -> String {
    let mut artifact = artifact();
    change(&mut artifact);
    match Artifact::decode(&artifact.encode()) {
        Err(ArtifactError::Invalid(why)) => why,
        other => panic!("{other:?}"),
    }
}

/// Breaks the first function: it holds a pattern, a loop, a constant of the program and a built-in function.
fn broken_fn(change: impl FnOnce(&mut Block)) -> String {
    broken(|a| change(&mut a.code.fns[0].block))
}

fn first(block: &mut Block, wanted: fn(&Instr) -> bool) -> &mut Instr {
    block.code.iter_mut().find(|i| wanted(i)).expect("is there")
}

fn task(artifact: &mut Artifact, wanted: fn(&TaskKind) -> bool) -> &mut Task {
    let tasks = &mut artifact.code.playbooks[0].regions[0].tasks;
    tasks.iter_mut().find(|t| wanted(&t.kind)).expect("is there")
}

#[test]
fn a_register_constant_or_type_out_of_range() {
    assert!(broken_fn(|b| b.regs = 2).contains("there is no register"));
    assert!(broken_fn(|b| b.consts.clear()).contains("there is no constant 0"));
    assert!(broken_fn(|b| b.types.clear()).contains("there is no type 0"));
    assert!(broken_fn(|b| b.params = 9).contains("more parameters than registers"));
    assert!(broken_fn(|b| b.at = 1 << 20).contains("there is no node"));
    assert!(broken_fn(|b| b.code.clear()).contains("it runs on after its end"));
}

#[test]
fn a_jump_backwards_or_out() {
    let jump = |to: u32| {
        broken_fn(|b| {
            if let Instr::Jump { to: target } = first(b, |i| matches!(i, Instr::Jump { .. })) {
                *target = to;
            }
        })
    };
    assert!(jump(0).contains("it jumps to 0"));
    assert!(jump(1000).contains("it jumps to 1000"));
}

#[test]
fn a_loop_that_might_not_end() {
    let again = |to: u32| {
        broken_fn(|b| {
            if let Instr::Again { to: target } = first(b, |i| matches!(i, Instr::Again { .. })) {
                *target = to;
            }
        })
    };
    assert!(again(0).contains("which is no `next`"));
    assert!(again(1000).contains("a loop goes forward"));
    // Its counter set to zero within the loop.
    let twice = broken_fn(|b| {
        let counter =
            b.code.iter().find_map(|i| if let Instr::Start { counter } = i { Some(*counter) } else { None });
        let at = b.code.iter().position(|i| matches!(i, Instr::Again { .. })).expect("is there");
        b.code[at - 1] = Instr::Start { counter: counter.expect("is there") };
    });
    assert!(twice.contains("is started twice"), "{twice}");
    let never = broken_fn(|b| *first(b, |i| matches!(i, Instr::Start { .. })) = Instr::Begin { list: 0 });
    assert!(never.contains("is not started before its loop"), "{never}");
}

#[test]
fn a_function_that_calls_itself() {
    let itself = broken_fn(|b| b.code[0] = Instr::Call { dst: 0, function: 0, first: 0, count: 1 });
    assert_eq!(itself, "fn rank: instruction 0: it may not call function 0");
}

#[test]
fn a_constant_that_rests_on_itself_by_a_function() {
    let round = broken(|a| {
        let block = &mut a.code.globals[0].block;
        block.regs = block.regs.max(1);
        block.code.insert(0, Instr::Call { dst: 0, function: 0, first: 0, count: 1 });
    });
    assert_eq!(round, "const BAD rests on a constant that is not there yet");
}

#[test]
fn a_pattern_that_does_not_compile() {
    let pattern = broken_fn(|b| {
        let regex = b.consts.iter_mut().find(|c| matches!(c, Constant::Regex(_))).expect("is there");
        *regex = Constant::Regex("(".into());
    });
    assert_eq!(pattern, "fn rank: a pattern that does not compile");
}

#[test]
fn a_slot_field_or_site_out_of_range() {
    let eval = |input: Input| {
        broken(|a| {
            let task = task(a, |k| matches!(k, TaskKind::Eval { entry, .. } if !entry.inputs.is_empty()));
            if let TaskKind::Eval { entry, .. } = &mut task.kind {
                entry.inputs[0] = input;
            }
        })
    };
    assert!(eval(Input::Local { up: 0, slot: 999 }).contains("there is no slot 999"));
    assert!(eval(Input::Local { up: 1, slot: 0 }).contains("there is no frame so far out"));
    assert!(eval(Input::Case(99)).contains("the case has no field 99"));
    assert!(broken(|a| a.code.playbooks[0].sites.clear()).contains("there is no such call"));
    assert!(
        broken(|a| {
            let site = &mut a.code.playbooks[0].sites[0];
            let Call::Read(action, terms) = site.call.clone() else { panic!("not a read") };
            site.call = Call::Act(action, terms);
        })
        .contains("is not what it is called as")
    );
    let args = broken(|a| {
        if let TaskKind::Effect { args, .. } = &mut task(a, |k| matches!(k, TaskKind::Effect { .. })).kind {
            args.push(Operand::Const(Constant::None));
        }
    });
    assert!(args.contains("2 arguments where 1 are taken"), "{args}");
}

#[test]
fn tasks_that_are_no_tree() {
    let graph = |child: u32| {
        broken(|a| {
            if let TaskKind::Seq { tasks } = &mut a.code.playbooks[0].regions[0].tasks[0].kind {
                tasks.push(child);
            }
        })
    };
    assert!(graph(0).contains("0 stands before its parent 0"));
    assert!(graph(1).contains("1 has two parents"));
    assert!(graph(9999).contains("there is no child 9999"));
    let orphan = broken(|a| {
        if let TaskKind::Seq { tasks } = &mut a.code.playbooks[0].regions[0].tasks[0].kind {
            tasks.pop();
        }
    });
    assert!(orphan.contains("nothing leads to task"), "{orphan}");
}

#[test]
fn a_failure_that_nobody_takes() {
    let loose = broken(|a| {
        let task = task(a, |k| matches!(k, TaskKind::Else { .. }));
        if let TaskKind::Else { guard, .. } = &mut task.kind {
            *guard = play_program::code::Guard::Absent;
        }
    });
    assert!(loose.contains("nobody takes the failure of task"), "{loose}");
}

#[test]
fn a_manifest_that_does_not_hold_together() {
    assert!(broken(|a| a.manifest.nodes[3].end = u32::MAX).starts_with("node 3 is not a piece of p.play"));
    assert!(broken(|a| a.manifest.types.enums.clear()).contains("the built-in enums are not the first"));
    assert!(
        broken(|a| a.manifest.types.records[0].fields[0].name = "ident".into())
            .contains("lacks the field id")
    );
    assert!(broken(|a| a.manifest.actions[0].connector = "x".into()).contains("is of no connector"));
    assert!(broken(|a| a.manifest.actions[0].statuses.clear()).contains("statuses without code"));
    assert!(
        broken(|a| a.manifest.playbooks[0].has_when = false)
            .contains("it has no condition, or an unknown one")
    );
    assert!(broken(|a| a.code.sources.clear()).contains("sources without code"));
}

#[test]
fn a_type_that_contains_itself() {
    use play_program::types::{FieldType, NewType, NewtypeId, RecordId, RecordType, Type};
    let newtype = |of: Type| broken(|a| a.manifest.types.newtypes.push(NewType { name: "N".into(), of }));
    let own = || Type::Newtype(NewtypeId(0));
    for of in [own(), Type::List(Box::new(own())), Type::Option(Box::new(own())), Type::Record(RecordId(0))] {
        assert!(newtype(of).contains("N is made of something that has parts"));
    }
    let record = |of: fn(Type) -> Type| {
        broken(|a| {
            let records = &mut a.manifest.types.records;
            let next = |n: usize| Type::Record(RecordId(u32::try_from(records.len() + n).unwrap_or(0)));
            let of_two = |name: &str, ty: Type| RecordType {
                name: name.into(),
                is_case: false,
                fields: vec![FieldType { name: "f".into(), ty }],
            };
            let (first, second) = (of_two("First", of(next(1))), of_two("Second", of(next(0))));
            records.extend([first, second]);
        })
    };
    let forms: [fn(Type) -> Type; 4] = [
        |of| of,
        |of| Type::List(Box::new(of)),
        |of| Type::Option(Box::new(of)),
        |of| Type::Map(Box::new(Type::String), Box::new(of)),
    ];
    for form in forms {
        assert!(record(form).contains("First contains itself"));
    }
}
