//! The crew every installation has from its first start: it runs on the built-in simulator, without any account.

use serde_json::{Value, json};

/// What is stored as the demo crew.
#[derive(Debug, Clone, PartialEq)]
pub struct Demo {
    pub name: &'static str,
    pub description: &'static str,
    pub config: Value,
}

/// Two agents: a researcher that uses the calculator hands its findings over to a writer.
pub fn demo() -> Demo {
    Demo {
        name: "Demo crew",
        description: "A researcher gathers figures and checks them with the calculator, a writer turns them into a short report.",
        config: json!({
            "process": "sequential",
            "inputs": { "topic": "the cost of running AI agents" },
            "agents": [
                {
                    "name": "researcher",
                    "role": "Researcher",
                    "goal": "Find the figures that matter about {topic} and check every sum",
                    "backstory": "You have spent years separating numbers that hold from numbers that only sound good.",
                    "llm": "sim-crew",
                    "tools": ["calculator"],
                    "max_iter": 5
                },
                {
                    "name": "writer",
                    "role": "Writer",
                    "goal": "Explain {topic} so that a busy reader understands it at once",
                    "backstory": "You write short sentences and leave out what nobody needs.",
                    "llm": "sim-crew",
                    "max_iter": 5
                }
            ],
            "tasks": [
                {
                    "name": "research",
                    "description": "Collect the most important facts about {topic}. Use the calculator for every figure you derive.",
                    "expected_output": "A list of facts, each with its figure and how it was derived.",
                    "agent": "researcher"
                },
                {
                    "name": "report",
                    "description": "Write a short report about {topic} from the research.",
                    "expected_output": "Three short paragraphs: what was found, what it means, what to do.",
                    "agent": "writer",
                    "context": ["research"]
                }
            ]
        }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::crew::{Context, Tool, parse};

    #[test]
    fn the_demo_crew_is_a_crew_that_may_run() {
        let crew = parse(&demo().config).unwrap();
        assert_eq!(crew.agents.len(), 2);
        assert_eq!(crew.tasks[0].tools, [Tool::Calculator]);
        assert_eq!(crew.tasks[1].context, Context::Only(vec![0]));
        assert_eq!(crew.placeholders(), ["topic"]);
        let filled = crew.interpolate(&serde_json::Map::new()).unwrap();
        assert!(filled.tasks[1].description.contains("the cost of running AI agents"));
    }
}
