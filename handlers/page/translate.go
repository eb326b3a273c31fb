package page

import (
	"html/template"
	"slices"
	"strings"
	"text/template/parse"

	"rejoinder/handlers/locale"
)

// The console's templates contain their texts in English: {{t "Saved by %s." .Name}}, or th for a text with
// HTML. When the templates of a language are parsed, both are replaced by the translated text with its
// actions, as if the template had been written in that language. So rendering takes no longer than without
// translation, and html/template escapes the values in their context.
//
// Texts that are values, {{t .Label}}, or arguments of other actions are translated when the page is
// rendered.

// translator translates the templates of the console into a language.
type translator struct{ words *locale.Language }

// translate replaces the texts in a template.
func (t translator) translate(tmpl *template.Template) {
	if tmpl.Tree != nil {
		t.list(tmpl.Tree.Root)
	}
}

func (t translator) list(list *parse.ListNode) {
	if list == nil {
		return
	}
	var nodes []parse.Node
	for _, node := range list.Nodes {
		switch n := node.(type) {
		case *parse.ActionNode:
			if replaced, ok := t.action(n); ok {
				nodes = append(nodes, replaced...)
				continue
			}
			t.pipe(n.Pipe)
		case *parse.IfNode:
			t.branch(&n.BranchNode)
		case *parse.RangeNode:
			t.branch(&n.BranchNode)
		case *parse.WithNode:
			t.branch(&n.BranchNode)
		case *parse.TemplateNode:
			t.pipe(n.Pipe)
		}
		nodes = append(nodes, node)
	}
	list.Nodes = nodes
}

func (t translator) branch(b *parse.BranchNode) {
	t.pipe(b.Pipe)
	t.list(b.List)
	t.list(b.ElseList)
}

// action returns what replaces an action that writes a text; false if it is another action.
func (t translator) action(action *parse.ActionNode) ([]parse.Node, bool) {
	if len(action.Pipe.Cmds) != 1 || len(action.Pipe.Decl) > 0 {
		return nil, false
	}
	call := action.Pipe.Cmds[0]
	name, english := textCall(call)
	if english == nil {
		return nil, false
	}
	for _, value := range call.Args[2:] {
		if p, ok := value.(*parse.PipeNode); ok {
			t.pipe(p)
		}
	}
	parts := []locale.MessagePart{{Literal: t.words.T(english.Text)}}
	if len(call.Args) > 2 {
		parts = locale.SplitMessage(parts[0].Literal)
	}
	var nodes []parse.Node
	for _, part := range parts {
		if part.Literal != "" {
			text := part.Literal
			if name == "t" {
				text = plainText.Replace(text)
			}
			nodes = append(nodes, &parse.TextNode{NodeType: parse.NodeText, Pos: action.Pos, Text: []byte(text)})
		}
		if part.Verb != 0 && part.Value+2 < len(call.Args) {
			nodes = append(nodes, valueAction(action, call.Args[part.Value+2], part.Verb))
		}
	}
	return nodes, true
}

// plainText escapes a text for elements and quoted attributes.
var plainText = strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;", `"`, "&quot;")

// textCall returns the function and the text of a call with a literal text; nil for other calls.
func textCall(call *parse.CommandNode) (name string, english *parse.StringNode) {
	if len(call.Args) < 2 {
		return "", nil
	}
	function, ok := call.Args[0].(*parse.IdentifierNode)
	if !ok || function.Ident != "t" && function.Ident != "th" {
		return "", nil
	}
	english, _ = call.Args[1].(*parse.StringNode)
	return function.Ident, english
}

// valueAction writes a value of a text.
func valueAction(within *parse.ActionNode, value parse.Node, verb byte) parse.Node {
	args := []parse.Node{value}
	if verb == 'd' {
		args = slices.Insert(args, 0, parse.Node(parse.NewIdentifier("number").SetPos(within.Pos)))
	}
	command := &parse.CommandNode{NodeType: parse.NodeCommand, Pos: within.Pos, Args: args}
	pipe := &parse.PipeNode{NodeType: parse.NodePipe, Pos: within.Pos, Line: within.Line,
		Cmds: []*parse.CommandNode{command}}
	return &parse.ActionNode{NodeType: parse.NodeAction, Pos: within.Pos, Line: within.Line, Pipe: pipe}
}

// pipe makes texts in a pipeline use the function that translates while the page is rendered.
func (t translator) pipe(pipe *parse.PipeNode) {
	if pipe == nil {
		return
	}
	for _, command := range pipe.Cmds {
		for i, arg := range command.Args {
			switch arg := arg.(type) {
			case *parse.IdentifierNode:
				if i == 0 && arg.Ident == "t" {
					arg.Ident = "message"
				}
			case *parse.PipeNode:
				t.pipe(arg)
			}
		}
	}
}
