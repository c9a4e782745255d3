using Attune.Data.Corpora;
using Attune.Data.Rows;
using Attune.Data.SdkDocs;
using Attune.Data.Tokens;
using Attune.Nn.Contracts;
using Attune.Tokenizers;

namespace Attune.Recipes;

/// <summary>Running text as the <c>data</c> of a recipe, packed into rows or cut into windows.</summary>
internal sealed class RecipeText : RecipeData
{
    private const string SdkName = "sdk-documentation";

    private readonly Lazy<(ITextCorpus Train, ITextCorpus? HeldOut)> _corpora;
    private readonly int? _length;
    private readonly bool _rows;
    private readonly bool _random;
    private readonly bool? _framed;
    private readonly double _heldOutShare;

    public RecipeText(RecipeFields fields)
        : base(fields)
    {
        Documents = fields.Text("documents", "blank-lines");
        TextLayout layout = Documents switch
        {
            "blank-lines" => TextLayout.BlankLines,
            "lines" => TextLayout.Lines,
            "whole-file" => TextLayout.WholeFile,
            var other => throw fields.Wrong("documents", $"'{other}'", "blank-lines, lines or whole-file"),
        };
        Field = fields.Text("field", "text");
        _length = fields.CountOrNull("length", 2);
        _rows = fields.Text("cut", "rows") switch
        {
            "rows" => true,
            "windows" => false,
            var other => throw fields.Wrong("cut", $"'{other}'", "rows (whole sentences) or windows (any tokens)"),
        };
        _random = fields.Flag("random_windows", false);
        _framed = fields.Has("framed") ? fields.Flag("framed", false) : null;
        _heldOutShare = HeldOutShare(fields);
        if (fields.Text("text") == SdkName)
        {
            _corpora = new(() =>
            {
                SdkDocumentation documentation = SdkDocumentation.Load();
                return (documentation.Corpus(SdkPart.Train), documentation.Corpus(SdkPart.Validation));
            });
            return;
        }
        Path = fields.PathOf("text");
        ITextCorpus Corpus(string key) => TextCorpus.Open(fields.PathOf(key), layout, Field);
        (ITextCorpus, ITextCorpus?) opened = (Corpus("text"), fields.Has("validation") ? Corpus("validation") : null);
        _corpora = new(opened);
    }

    /// <summary>The text to learn from.</summary>
    public ITextCorpus Corpus => _corpora.Value.Train;

    /// <summary>Where the text to learn from is; null for the documentation of the SDK.</summary>
    public string? Path { get; }

    /// <summary>How documents stand in plain text, as the recipe says it.</summary>
    public string Documents { get; }

    /// <summary>The field or column that holds the text.</summary>
    public string Field { get; }

    public override IReadOnlyList<string> SampleLabels => [];

    public override RecipeExamples Examples(
        Tokenizer tokenizer, string runFolder, ILearnable learnable, IReadOnlyList<string>? labels = null, int? longest = null)
    {
        int length = _length ?? DefaultLength(longest);
        string source = _corpora.Value.HeldOut?.Name ?? Corpus.Name;
        RowFrame frame = _framed ?? (tokenizer.Special.Cls is not null)
            ? new RowFrame(tokenizer.Special.Cls, tokenizer.Special.Sep)
            : new RowFrame();
        frame = frame with { Words = WordPieces.Of(tokenizer) };
        ITokenStream train = Cache(_corpora.Value.Train, "train");
        ITokenStream? heldOut = _corpora.Value.HeldOut is { } other ? Cache(other, "validation") : null;

        if (_rows)
        {
            IExampleSet Pack(ITokenStream tokens) => new PackedRows(tokens, length, Packing.FullSentences, frame);
            IExampleSet rows = Pack(train);
            if (heldOut is not null)
                return new RecipeExamples(rows, Pack(heldOut), [], source);
            long kept = rows.Count - (long)(rows.Count * _heldOutShare);
            return new RecipeExamples(rows.Slice(0, kept), kept < rows.Count ? rows.Slice(kept, rows.Count - kept) : null, [], source);
        }

        int inner = length - frame.Length;
        long end = heldOut is null ? train.Count - (long)(train.Count * _heldOutShare) : train.Count;
        IExampleSet Windows(ITokenStream tokens, int stride, long start, long stop) => new TokenWindows(tokens, inner, stride, frame, start, stop);
        IExampleSet training = Windows(train, _random ? 1 : inner, 0, end);
        IExampleSet? validation = heldOut is not null ? Windows(heldOut, inner, 0, heldOut.Count)
            : end < train.Count ? Windows(train, inner, end, train.Count)
            : null;
        return new RecipeExamples(training, validation, [], source);

        ITokenStream Cache(ITextCorpus text, string name) => TokenCache.OpenOrBuild(
            System.IO.Path.Combine(runFolder, "tokens", name + ".tokens"), text, tokenizer, tokenizer.Fingerprint());
    }
}
