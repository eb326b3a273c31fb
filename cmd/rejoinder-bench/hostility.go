package main

import (
	"bufio"
	"context"
	_ "embed"
	"errors"
	"fmt"
	"io"
	"math"
	"math/rand/v2"
	"os"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"rejoinder/moderation/hostility"
	"rejoinder/moderation/rules"
	"rejoinder/moderation/text"
)

// neutralSentences are templates of ordinary sentences. They are added to the training data as not hostile, for
// each word of neutralTerms in place of {}, because in the corpora these words are mostly in insults (Dixon et
// al. 2018, "Measuring and Mitigating Unintended Bias in Text Classification").
//
//go:embed neutral-sentences.txt
var neutralSentences string

// neutralTerms are words for groups of people, one a line.
//
//go:embed neutral-terms.txt
var neutralTerms string

// hostilityTraining holds the parameters of the command train-hostility.
type hostilityTraining struct {
	corpus, discussion string
	out                string
	seed               uint64
	folds              int
}

func (h *hostilityTraining) addFlags(flags *pflag.FlagSet) {
	flags.StringVar(&h.corpus, "corpus", "", "file of labelled texts to train on")
	flags.StringVar(&h.discussion, "discussion", "", "file of labelled texts in their natural mixture, to measure only")
	flags.StringVar(&h.out, "out", "", "file to write the model to; empty: measure only")
	flags.Uint64Var(&h.seed, "seed", 1, "seed of the order of the texts")
	flags.IntVar(&h.folds, "folds", 10, "number of parts in cross-validation; 0: none")
}

func trainHostilityCommand(std stdio) *cobra.Command {
	var h hostilityTraining
	train := &cobra.Command{
		Use:   "train-hostility --corpus FILE.tsv [--out FILE]",
		Short: "Train the model behind text.hostile_score and measure it",
		Long: "Train the model behind text.hostile_score, and measure it by cross-validation. Each line of a file has a text, a\n" +
			"tab and a label, \"bad\" or another; \\t, \\n, \\r and \\\\ are escaped, and a first line that begins with # is a header.\n" +
			"The same file and seed give the same model, byte for byte, on the same processor architecture.",
		Args: noArguments,
		RunE: func(cmd *cobra.Command, _ []string) error { return h.run(cmd.Context(), std) },
	}
	h.addFlags(train.Flags())
	return train
}

func (h hostilityTraining) run(ctx context.Context, std stdio) error {
	if h.corpus == "" {
		return usageError{errors.New("train-hostility needs --corpus FILE.tsv")}
	}
	if h.folds < 0 || h.folds == 1 {
		return usageError{fmt.Errorf("--folds %d: must be 0 or at least 2", h.folds)}
	}
	examples, err := readHostility(h.corpus)
	if err != nil {
		return err
	}
	fmt.Fprintf(std.out, "%d different texts, %d more of our own\n", len(examples), len(neutralExamples()))
	if h.folds > 0 {
		if err := h.crossValidate(ctx, std.out, examples); err != nil {
			return err
		}
	}
	model, err := hostility.Train(append(slices.Clip(examples), neutralExamples()...), h.seed)
	if err != nil {
		return fmt.Errorf("%s: %w", h.corpus, err)
	}
	if h.discussion != "" {
		measured, err := readHostility(h.discussion)
		if err != nil {
			return err
		}
		printOperatingPoints(std.out, h.discussion, scoreAll(model, measured))
	}
	if h.out == "" {
		return nil
	}
	encoded := model.Encode()
	fmt.Fprintf(std.out, "%s: %d bytes\n", h.out, len(encoded))
	if err := os.WriteFile(h.out, encoded, 0o644); err != nil {
		return fmt.Errorf("write model: %w", err)
	}
	return nil
}

// readHostility reads labelled texts. Of texts with the same normal form only the first counts.
func readHostility(path string) ([]hostility.Example, error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, usageError{err}
	}
	defer file.Close()
	cases, err := rules.ReadCases(file, "bad")
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	var examples []hostility.Example
	seen := map[string]bool{}
	for _, c := range cases {
		normal := text.Normalise(c.Text).Text
		if !seen[normal] {
			seen[normal] = true
			examples = append(examples, hostility.Example{Text: c.Text, Hostile: c.Positive})
		}
	}
	return examples, nil
}

// neutralExamples returns the neutral sentences, with every term in each.
func neutralExamples() []hostility.Example {
	var examples []hostility.Example
	for sentence := range lines(neutralSentences) {
		if !strings.Contains(sentence, "{}") {
			examples = append(examples, hostility.Example{Text: sentence})
			continue
		}
		for term := range lines(neutralTerms) {
			examples = append(examples, hostility.Example{Text: strings.ReplaceAll(sentence, "{}", term)})
		}
	}
	return examples
}

// lines yields the lines of a file that are neither empty nor comments.
func lines(file string) func(yield func(string) bool) {
	return func(yield func(string) bool) {
		scanner := bufio.NewScanner(strings.NewReader(file))
		for scanner.Scan() {
			line := strings.TrimSpace(scanner.Text())
			if line != "" && !strings.HasPrefix(line, "#") && !yield(line) {
				return
			}
		}
	}
}

// crossValidate scores each part with a model that was trained on the others.
func (h hostilityTraining) crossValidate(ctx context.Context, out io.Writer, examples []hostility.Example) error {
	order := rand.New(rand.NewPCG(h.seed, 0)).Perm(len(examples))
	var scores []labelledScore
	for fold := range h.folds {
		if err := ctx.Err(); err != nil {
			return err
		}
		training, held := neutralExamples(), []hostility.Example(nil)
		for i, at := range order {
			if i%h.folds == fold {
				held = append(held, examples[at])
				continue
			}
			training = append(training, examples[at])
		}
		model, err := hostility.Train(training, h.seed)
		if err != nil {
			return fmt.Errorf("part %d of %d: %w", fold+1, h.folds, err)
		}
		scores = append(scores, scoreAll(model, held)...)
	}
	printOperatingPoints(out, fmt.Sprintf("cross-validation, %d parts", h.folds), scores)
	printCalibration(out, scores)
	return nil
}

// labelledScore is the score of a text with its true label.
type labelledScore struct {
	score   float64
	hostile bool
}

func scoreAll(model *hostility.Model, examples []hostility.Example) []labelledScore {
	scores := make([]labelledScore, len(examples))
	for i, e := range examples {
		reading := text.Read(e.Text)
		scores[i] = labelledScore{model.Judge(reading.Normalised(), reading.Language()).Score, e.Hostile}
	}
	return scores
}

// printOperatingPoints prints, for several shares of flagged ordinary texts, the threshold that flags at most
// that share, and which share of the hostile ones it finds. A score above the threshold counts as flagged.
func printOperatingPoints(out io.Writer, name string, scores []labelledScore) {
	var byLabel [2][]float64
	for _, s := range scores {
		label := 0
		if s.hostile {
			label = 1
		}
		byLabel[label] = append(byLabel[label], s.score)
	}
	ordinary, hostile := byLabel[0], byLabel[1]
	fmt.Fprintf(out, "%s: %d ordinary, %d hostile\n", name, len(ordinary), len(hostile))
	if len(ordinary) == 0 || len(hostile) == 0 {
		return
	}
	slices.Sort(ordinary)
	above := func(threshold float64) float64 {
		n := 0
		for _, s := range hostile {
			if s > threshold {
				n++
			}
		}
		return float64(n) / float64(len(hostile))
	}
	for _, share := range []float64{0.001, 0.002, 0.005, 0.01, 0.02, 0.05} {
		threshold := ordinary[len(ordinary)-1-int(share*float64(len(ordinary)))]
		fmt.Fprintf(out, "  %4.1f%% flagged: threshold %.4f finds %.1f%%\n", 100*share, threshold, 100*above(threshold))
	}
	fmt.Fprintf(out, "  area under the ROC curve: %.4f\n", rankArea(ordinary, hostile))
}

// rankArea returns the probability that a hostile text scores higher than an ordinary one; ordinary is sorted.
func rankArea(ordinary, hostile []float64) float64 {
	sum := 0.0
	for _, s := range hostile {
		below, _ := slices.BinarySearch(ordinary, s)
		upTo, _ := slices.BinarySearch(ordinary, math.Nextafter(s, 2))
		sum += float64(below+upTo) / 2
	}
	return sum / float64(len(ordinary)) / float64(len(hostile))
}

// printCalibration prints which share of the texts is hostile in each tenth of the scale.
func printCalibration(out io.Writer, scores []labelledScore) {
	var all, hostile [10]int
	for _, s := range scores {
		at := min(int(s.score*10), 9)
		all[at]++
		if s.hostile {
			hostile[at]++
		}
	}
	for i := range all {
		fmt.Fprintf(out, "  score %.1f to %.1f: %5d texts, %3.0f%% hostile\n", float64(i)/10, float64(i+1)/10, all[i],
			100*float64(hostile[i])/float64(max(all[i], 1)))
	}
}
