package main

import "testing"

// TestStructuredDataNeverRunsAsScript opens a page whose data block holds a hostile name: its policy must
// let the block be without a complaint, a parser must read it whole, and nothing in it may run.
func TestStructuredDataNeverRunsAsScript(t *testing.T) {
	t.Parallel()
	p, visitor := startProgram(t, []string{"REJOINDER_DATA_DIR=" + t.TempDir()}, "serve", "--demo"), newReader(t)
	visitor.openThread(p.url + plainPage)
	visitor.submit(`Ada</script><script>document.title="taken"</script>`, "ada@mail.example", remark)
	visitor.waitFor(`$(".rj-own .rj-notice")`)
	p.decide(t, "pending", "approve")
	visitor.open(p.url + "/sites/demo/page?article=welcome")
	got := visitor.text(`(() => {
const blocks = document.querySelectorAll('script[type="application/ld+json"]');
const [comment] = JSON.parse(blocks[0].textContent).comment;
return [blocks.length, document.scripts.length, comment.author.name, comment.text].join("|");
})()`)
	if want := `1|1|Ada</script><script>document.title="taken"</script>|` + remark; got != want {
		t.Errorf("the page's scripts are %q, want %q", got, want)
	}
	if title := visitor.text("document.title"); title == "taken" {
		t.Error("a name ran as a script")
	}
	visitor.checkClean()
}
