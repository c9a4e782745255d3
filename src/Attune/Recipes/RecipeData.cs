using Attune.Data.Corpora;
using Attune.Data.Labelled;
using Attune.Data.Rows;
using Attune.Data.Sampling;
using Attune.Data.SdkDocs;
using Attune.Data.Tokens;
using Attune.Formats;
using Attune.Tokenizers;

namespace Attune.Recipes;

/// <summary>The examples of a recipe.</summary>
/// <param name="Train">To learn from.</param>
/// <param name="Validation">To check with; null if the recipe holds nothing out.</param>
/// <param name="Labels">The names of the classes; empty for unlabelled text.</param>
internal sealed record RecipeExamples(IExampleSet Train, IExampleSet? Validation, IReadOnlyList<string> Labels);

/// <summary>
/// The <c>data</c> of a recipe. Running text (<c>text</c>) is cut into windows or packed into rows; labelled text (<c>labelled</c>) is one
/// example a row of the file.
/// </summary>
internal sealed class RecipeData
{
    private const string SdkName = "sdk-documentation";

    private readonly RecipeFields _fields;
    private readonly ITextCorpus? _heldOutCorpus;

    private RecipeData(RecipeFields fields, ITextCorpus? corpus, ITextCorpus? heldOutCorpus)
    {
        _fields = fields;
        Corpus = corpus;
        _heldOutCorpus = heldOutCorpus;
        AcceptsChanges = fields.Flag("accept_changes", false);
    }

    /// <summary>The running text to learn from; null for labelled data.</summary>
    public ITextCorpus? Corpus { get; }

    /// <summary>Whether a run may go on although the data are not those it began with.</summary>
    public bool AcceptsChanges { get; }

    public static RecipeData Open(RecipeFields recipe)
    {
        RecipeFields fields = recipe.Child("data");
        if (!fields.Has("text"))
            return new RecipeData(fields, null, null);
        TextLayout layout = fields.Text("documents", "blank-lines") switch
        {
            "blank-lines" => TextLayout.BlankLines,
            "lines" => TextLayout.Lines,
            "whole-file" => TextLayout.WholeFile,
            var other => throw fields.Wrong("documents", $"'{other}'", "blank-lines, lines or whole-file"),
        };
        string field = fields.Text("field", "text");
        ITextCorpus Open(string key) => TextCorpus.Open(fields.PathOf(key), layout, field);
        if (fields.Text("text") == SdkName)
        {
            SdkDocumentation documentation = SdkDocumentation.Load();
            return new RecipeData(fields, documentation.Corpus(SdkPart.Train), documentation.Corpus(SdkPart.Validation));
        }
        return new RecipeData(fields, Open("text"), fields.Has("validation") ? Open("validation") : null);
    }

    /// <summary>The examples.</summary>
    /// <param name="tokenizer">Makes tokens of the text.</param>
    /// <param name="runFolder">Where tokens of running text are kept.</param>
    /// <param name="labels">The classes where the recipe does not name them; null collects them from the data.</param>
    /// <param name="longest">The most tokens that the model takes, where that is known and the recipe says nothing.</param>
    public RecipeExamples Examples(Tokenizer tokenizer, string runFolder, IReadOnlyList<string>? labels = null, int? longest = null) =>
        Corpus is null ? Labelled(tokenizer, labels, DefaultLength(longest)) : Running(Corpus, tokenizer, runFolder, DefaultLength(longest));

    private static int DefaultLength(int? longest) => Math.Min(128, longest ?? int.MaxValue);

    private RecipeExamples Running(ITextCorpus corpus, Tokenizer tokenizer, string runFolder, int defaultLength)
    {
        int length = _fields.Count("length", defaultLength, 2);
        string cut = _fields.Text("cut", "rows");
        bool random = _fields.Flag("random_windows", false);
        double share = _fields.Number("validation_share", 0.1, 0, 0.9);
        RowFrame frame = _fields.Flag("framed", tokenizer.Special.Cls is not null)
            ? new RowFrame(tokenizer.Special.Cls, tokenizer.Special.Sep)
            : new RowFrame();
        frame = frame with { Words = WordPieces.Of(tokenizer) };
        ITokenStream train = Cache(corpus, "train");
        ITokenStream? heldOut = _heldOutCorpus is null ? null : Cache(_heldOutCorpus, "validation");

        if (cut == "rows")
        {
            IExampleSet Pack(ITokenStream tokens) => new PackedRows(tokens, length, Packing.FullSentences, frame);
            IExampleSet rows = Pack(train);
            if (heldOut is not null)
                return new RecipeExamples(rows, Pack(heldOut), []);
            long kept = rows.Count - (long)(rows.Count * share);
            return new RecipeExamples(rows.Slice(0, kept), kept < rows.Count ? rows.Slice(kept, rows.Count - kept) : null, []);
        }
        if (cut != "windows")
            throw _fields.Wrong("cut", $"'{cut}'", "rows (whole sentences) or windows (any tokens)");

        int inner = length - frame.Length;
        long end = heldOut is null ? train.Count - (long)(train.Count * share) : train.Count;
        IExampleSet Windows(ITokenStream tokens, int stride, long start, long stop) => new TokenWindows(tokens, inner, stride, frame, start, stop);
        IExampleSet training = Windows(train, random ? 1 : inner, 0, end);
        IExampleSet? validation = heldOut is not null ? Windows(heldOut, inner, 0, heldOut.Count)
            : end < train.Count ? Windows(train, inner, end, train.Count)
            : null;
        return new RecipeExamples(training, validation, []);

        ITokenStream Cache(ITextCorpus text, string name) => TokenCache.OpenOrBuild(
            Path.Combine(runFolder, "tokens", name + ".tokens"), text, tokenizer, tokenizer.Fingerprint());
    }

    private RecipeExamples Labelled(Tokenizer tokenizer, IReadOnlyList<string>? labels, int defaultLength)
    {
        string format = _fields.Text("format", DefaultFormat(_fields.PathOf("labelled")));
        int longest = _fields.Count("max_length", defaultLength, 3);
        LabelSet? names = (_fields.TextsOrNull("labels") ?? labels) is { } given ? new LabelSet(given) : null;
        if (format == "squad")
            return Questions(new ExampleEncoder(tokenizer, longest));
        if (format == "conll")
            return Sentences(new ExampleEncoder(tokenizer, longest), names);
        LabelledSet train = Read("labelled", names);
        LabelledSet? validation = _fields.Has("validation") ? Read("validation", train.Labels) : null;
        if (validation is null && _fields.Number("validation_share", 0.1, 0, 0.9) is > 0 and var share)
            (train, validation) = train.HoldOut(share);
        var encoder = new ExampleEncoder(tokenizer, longest);
        return new RecipeExamples(encoder.Encode(train), validation is { Rows.Count: > 0 } ? encoder.Encode(validation) : null, train.Labels.Names);

        LabelledSet Read(string key, LabelSet? labels)
        {
            string path = _fields.PathOf(key);
            return format switch
            {
                "folders" => LabelledFile.ReadFolders(path, labels),
                "trec" => LabelledFile.ReadTrec(path, _fields.Flag("coarse", true), labels),
                "table" => LabelledFile.Read(path, Columns(), labels, Table(path)),
                "values" => LabelledFile.ReadValues(path, Columns(), Table(path)),
                _ => throw _fields.Wrong("format", $"'{format}'", "table (CSV, TSV or JSONL), values (a number to predict), folders (one for each class), trec, conll (a token and its tag a line) or squad (questions, JSON)"),
            };
        }
    }

    private static string DefaultFormat(string path) => DataFile.Extension(path) switch
    {
        ".json" => "squad",
        ".conll" => "conll",
        _ => "table",
    };

    private RecipeExamples Questions(ExampleEncoder encoder)
    {
        int stride = _fields.Count("stride", 128, 0);
        // By paragraph: a text that is held out is not asked about in training.
        (var train, var validation) = Split(path => SquadFile.Read(path), question => question.Context);
        IExampleSet Windows(IReadOnlyList<SquadQuestion> questions) =>
            new ListExampleSet([.. encoder.Encode(questions, stride).Select(window => window.Example)]);
        return new RecipeExamples(Windows(train), validation.Count > 0 ? Windows(validation) : null, []);
    }

    private RecipeExamples Sentences(ExampleEncoder encoder, LabelSet? tags)
    {
        (var train, var validation) = Split<TaggedSentence>(path => [.. ConllFile.Read(path)], sentence => string.Join(' ', sentence.Tokens));
        LabelSet set = tags ?? LabelSet.Collect(train.Concat(validation).SelectMany(sentence => sentence.Tags));
        IExampleSet Encoded(IReadOnlyList<TaggedSentence> sentences, string key) => encoder.Encode(sentences, set, _fields.PathOf(key));
        string heldOut = _fields.Has("validation") ? "validation" : "labelled";
        return new RecipeExamples(Encoded(train, "labelled"), validation.Count > 0 ? Encoded(validation, heldOut) : null, set.Names);
    }

    /// <summary>What is learned and what is held out: a file of its own, or a share by a hash of the text, so that the split never moves.</summary>
    private (IReadOnlyList<T> Train, IReadOnlyList<T> Validation) Split<T>(Func<string, IReadOnlyList<T>> read, Func<T, string> text)
    {
        string path = _fields.PathOf("labelled");
        IReadOnlyList<T> all = read(path);
        if (all.Count == 0)
            throw new AttuneFormatException("the file holds no examples.", path);
        if (_fields.Has("validation"))
            return (all, read(_fields.PathOf("validation")));
        double share = _fields.Number("validation_share", 0.1, 0, 0.9);
        ILookup<bool, T> sides = all.ToLookup(item => StableHash.Fraction(text(item)) < share);
        return ([.. sides[false]], [.. sides[true]]);
    }

    private LabelledColumns Columns() => new(_fields.Text("column", "text"), _fields.Text("label", "label"), _fields.TextOrNull("pair"));

    private TableFormat Table(string path) => TableFormat.For(path) with { Header = _fields.Flag("header", true) };
}
