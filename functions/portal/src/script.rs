//! Joins the modules of `static/` into one script. `build.rs` runs it; the library has it for its tests only.
//!
//! Each module becomes a function, which runs when a page or another module first needs it. So each keeps its own names,
//! and runs at most once and after its imports, as in a browser. The page's name starts the script. It exports `load`,
//! by which browser tests reach a module.
//!
//! ```js
//! const __modules = {
//! "./dom.js": () => {
//! const day = (date) => date.split("-").reverse().join("/");
//! return { day: day };
//! },
//! };
//! const __made = {};
//! const __load = (name) => (__made[name] ??= __modules[name]());
//! __load(`./${document.body.dataset.page}.js`);
//! export { __load as load };
//! ```
//!
//! The format that `make pages` requires allows to read a module line by line:
//!
//! | In a module, at the start of a line | In the script |
//! |---|---|
//! | `import { a, b } from "./other.js";` | `const { a, b } = __load("./other.js");` |
//! | `import * as other from "./other.js";` | `const other = __load("./other.js");` |
//! | `import "./other.js";` | `__load("./other.js");` |
//! | `export const a`, and `function`, `class` | the same without `export`; `a` is returned at the end |
//! | `…export{a as b,c as d};` at the end of a line, in minified code | returned at the end |
//! | `// …` and `/** … */`, alone on their lines | left out; `/*! … */`, a licence, stays |
//! | any other import or export, a text of several lines | fails the build |

use std::collections::BTreeMap;

const START: &str = "};
const __made = {};
const __load = (name) => (__made[name] ??= __modules[name]());
__load(`./${document.body.dataset.page}.js`);
export { __load as load };
";
const EXPORTED: [&str; 6] = ["const ", "function ", "function* ", "async function ", "async function* ", "class "];

/// A module as it was read.
#[derive(Debug, Default)]
struct Module {
    /// The names that it takes of each module that it imports.
    imports: Vec<(String, Vec<String>)>,
    /// Its own name of each thing that it exports, by the exported name.
    exports: BTreeMap<String, String>,
    /// Its code in the script.
    code: String,
}

/// Returns the script of all modules, given by file name.
///
/// # Errors
/// The module and the line that has none of the known forms; an import of what is not exported, or in a circle.
pub(crate) fn joined(sources: &BTreeMap<String, String>) -> Result<String, String> {
    let mut modules = BTreeMap::new();
    for (name, text) in sources {
        modules.insert(name.as_str(), Module::parse(text).map_err(|fault| format!("{name}, {fault}"))?);
    }
    let mut functions = String::new();
    for (name, Module { code, exports, .. }) in &modules {
        check(name, &modules, &mut Vec::new())?;
        let exports: Vec<_> = exports.iter().map(|(name, own)| format!("{name}: {own}")).collect();
        functions.extend(["\"./", name, "\": () => {\n", code, "return { ", &exports.join(", "), " };\n},\n"]);
    }
    Ok(format!("const __modules = {{\n{functions}{START}"))
}

/// Checks what a module imports, directly and indirectly.
fn check<'a>(name: &'a str, modules: &'a BTreeMap<&'a str, Module>, above: &mut Vec<&'a str>) -> Result<(), String> {
    if above.contains(&name) {
        return Err(format!("{name} imports itself through {above:?}"));
    }
    above.push(name);
    for (other, names) in &modules[name].imports {
        let target = modules.get(other.as_str()).ok_or_else(|| format!("{name} imports {other}, which is missing"))?;
        if let Some(missing) = names.iter().find(|name| !target.exports.contains_key(*name)) {
            return Err(format!("{name} imports {missing}, which {other} does not export"));
        }
        check(other, modules, above)?;
    }
    above.pop();
    Ok(())
}

impl Module {
    fn parse(text: &str) -> Result<Self, String> {
        let mut module = Self::default();
        let mut lines = text.lines().enumerate();
        while let Some((number, first)) = lines.next() {
            let mut line = first.to_owned();
            let comment = line.trim_start().starts_with("/**");
            let end = if comment { "*/" } else { ";" };
            if comment || line.starts_with("import ") {
                while !line.contains(end) {
                    let (_, next) = lines.next().ok_or_else(|| format!("line {}: no end", number + 1))?;
                    line += next;
                }
            }
            module.take(&line).map_err(|form| format!("line {}: {form}: {first}", number + 1))?;
        }
        Ok(module)
    }

    fn take(&mut self, line: &str) -> Result<(), &'static str> {
        let trimmed = line.trim();
        if trimmed.is_empty() || trimmed.starts_with("//") || (trimmed.starts_with("/**") && trimmed.ends_with("*/")) {
            return Ok(());
        }
        if line.matches('`').count() % 2 == 1 {
            return Err("a text of several lines");
        }
        if line.contains("import(") || line.contains("__") {
            return Err("a name or an import that the script can't have");
        }
        let code = if line.starts_with("import ") {
            self.import(line).ok_or("an unknown form of import")?
        } else if let Some(rest) = line.strip_prefix("export ") {
            self.export(rest).ok_or("an unknown form of export")?
        } else if let Some((code, names)) = line.split_once("export{") {
            self.export_list(names).ok_or("an unknown form of export")?;
            code.to_owned()
        } else if ["import", "export"].iter().any(|word| line.starts_with(word)) {
            return Err("an unknown form of import or export");
        } else {
            line.to_owned()
        };
        self.code.push_str(&code);
        self.code.push('\n');
        Ok(())
    }

    fn import(&mut self, line: &str) -> Option<String> {
        let (what, other) = line.strip_prefix("import ")?.strip_suffix("\";")?.split_once("\"./")?;
        let (left, names) = if what.is_empty() {
            (String::new(), Vec::new())
        } else {
            let what = what.strip_suffix(" from ")?;
            if let Some(own) = what.strip_prefix("* as ") {
                (format!("const {} = ", identifier(own)?), Vec::new())
            } else {
                let list = what.strip_prefix('{')?.strip_suffix('}')?.trim().trim_end_matches(',');
                let names = list.split(',').map(|name| identifier(name.trim())).collect::<Option<Vec<_>>>()?;
                (format!("const {{ {} }} = ", names.join(", ")), names)
            }
        };
        self.imports.push((other.to_owned(), names));
        Some(format!("{left}__load(\"./{other}\");"))
    }

    fn export(&mut self, rest: &str) -> Option<String> {
        let declared = EXPORTED.iter().find_map(|keyword| rest.strip_prefix(keyword))?;
        let name = identifier(declared.split([' ', '(']).next()?)?;
        self.exports.insert(name.clone(), name);
        Some(rest.to_owned())
    }

    fn export_list(&mut self, names: &str) -> Option<()> {
        for one in names.strip_suffix("};")?.split(',') {
            let (own, name) = one.split_once(" as ").unwrap_or((one, one));
            self.exports.insert(identifier(name)?, identifier(own)?);
        }
        Some(())
    }
}

/// Returns the name if it has only letters of a name.
fn identifier(name: &str) -> Option<String> {
    let fits = !name.is_empty() && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_' || c == '$');
    fits.then(|| name.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn script(modules: &[(&str, &str)]) -> Result<String, String> {
        joined(&modules.iter().map(|(name, text)| ((*name).to_owned(), (*text).to_owned())).collect())
    }

    #[test]
    fn p11_modules_become_functions_of_one_script() {
        let page = "// A page.\n\nimport { $, day } from \"./dom.js\";\nimport \"./side.js\";\n\
                    import * as side from \"./side.js\";\n\n/**\n * Says it.\n */\nday($, side);\n";
        let dom = "export const $ = 1;\nexport async function day(text) {\n  /** @type {any} */ (text);\n}\n";
        let expected = format!(
            "const __modules = {{\n\
             \"./dom.js\": () => {{\nconst $ = 1;\nasync function day(text) {{\n  /** @type {{any}} */ (text);\n}}\n\
             return {{ $: $, day: day }};\n}},\n\
             \"./page.js\": () => {{\nconst {{ $, day }} = __load(\"./dom.js\");\n__load(\"./side.js\");\n\
             const side = __load(\"./side.js\");\nday($, side);\nreturn {{  }};\n}},\n\
             \"./side.js\": () => {{\nreturn {{  }};\n}},\n{START}"
        );
        assert_eq!(script(&[("page.js", page), ("dom.js", dom), ("side.js", "")]).unwrap(), expected);
    }

    #[test]
    fn p11_a_long_import_and_minified_code_are_joined() {
        let page = "import {\n  code,\n  size,\n} from \"./lib.js\";\n";
        let made = script(&[("page.js", page), ("lib.js", "/*! A licence. */\nlet a=1;export{a as code,size};\n")]);
        let made = made.unwrap();
        assert!(made.contains("const { code, size } = __load(\"./lib.js\");"), "{made}");
        assert!(made.contains("/*! A licence. */\nlet a=1;\nreturn { code: a, size: size };"), "{made}");
    }

    #[test]
    fn p11_an_unknown_form_fails_the_build() {
        for line in [
            "import thing from \"./other.js\";",
            "import { a as b } from \"./other.js\";",
            "import { a } from \"other\";",
            "import { a } from \"./other.js\"",
            "import{a}from\"./other.js\";",
            "const late = await import(\"./other.js\");",
            "export default 1;",
            "export let changing = 1;",
            "export const { a } = other;",
            "export * from \"./other.js\";",
            "export { a };",
            "const text = `of several",
            "__load(\"./other.js\");",
        ] {
            let fault = script(&[("page.js", line), ("other.js", "export const a = 1;")]).unwrap_err();
            assert!(fault.starts_with("page.js, line 1: "), "{line}: {fault}");
        }
    }

    #[test]
    fn p11_an_import_that_no_browser_resolves_fails_the_build() {
        let import = |name: &str| format!("import {{ a }} from \"./{name}\";\nexport const b = a;\n");
        let fault = |other: &str| script(&[("a.js", &import("b.js")), ("b.js", other)]).unwrap_err();
        assert_eq!(fault(""), "a.js imports a, which b.js does not export");
        assert_eq!(fault(&format!("{}export const a = 1;\n", import("c.js"))), "b.js imports c.js, which is missing");
        let circle = "import * as other from \"./a.js\";\nexport const a = 1;\n";
        assert_eq!(fault(circle), "a.js imports itself through [\"a.js\", \"b.js\"]");
    }
}
