using Attune.Data.Labelled;
using Attune.Data.Rows;
using Attune.Data.Sampling;
using Attune.Formats;
using Attune.Nn.Contracts;
using Attune.Tokenizers;

namespace Attune.Recipes;

/// <summary>Labelled text as the <c>data</c> of a recipe, in one of several formats: an example a row, a sentence, or a window on the context of a question.</summary>
internal sealed class RecipeLabelled : RecipeData
{
    private readonly string _path;
    private readonly string? _heldOutPath;
    private readonly double _heldOutShare;
    private readonly string _format;
    private readonly int? _maxLength;
    private readonly IReadOnlyList<string>? _labels;
    private readonly string? _column;
    private readonly string? _pair;
    private readonly string _label = "";
    private readonly bool _header;
    private readonly bool _coarse;
    private readonly int _stride;

    public RecipeLabelled(RecipeFields fields)
        : base(fields)
    {
        _path = fields.PathOf("labelled");
        _heldOutPath = fields.PathOrNull("validation");
        _heldOutShare = HeldOutShare(fields);
        foreach (string path in (string[])[_path, .. _heldOutPath is null ? [] : (string[])[_heldOutPath]])
        {
            if (!Path.Exists(path))
                throw new AttuneFormatException("there is no such file or folder.", path);
        }
        _format = fields.Text("format", DefaultFormat(_path));
        _maxLength = fields.CountOrNull("max_length", 3);
        _labels = fields.TextsOrNull("labels");
        switch (_format)
        {
            case "table" or "values":
                _column = fields.TextOrNull("column");
                _pair = fields.TextOrNull("pair");
                _label = fields.Text("label", "label");
                _header = fields.Flag("header", true);
                break;
            case "trec":
                _coarse = fields.Flag("coarse", true);
                break;
            case "squad":
                _stride = fields.Count("stride", 128, 0);
                break;
            case "folders" or "conll":
                break;
            default:
                throw fields.Wrong("format", $"'{_format}'", "table (CSV, TSV or JSONL), values (a number to predict), folders (one for each class), trec, conll (a token and its tag a line) or squad (questions, JSON)");
        }
    }

    public override IReadOnlyList<string> SampleLabels => _labels ?? (_format is "values" or "squad" ? [] : ["one", "other"]);

    public override RecipeExamples Examples(
        Tokenizer tokenizer, string runFolder, ILearnable learnable, IReadOnlyList<string>? labels = null, int? longest = null)
    {
        var encoder = new ExampleEncoder(tokenizer, _maxLength ?? DefaultLength(longest));
        LabelSet? names = (_labels ?? labels) is { } given ? new LabelSet(given) : null;
        return _format switch
        {
            "squad" => Questions(encoder),
            "conll" => Sentences(encoder, names),
            "table" or "values" => Rows(encoder, names, Columns(learnable.ReadsLabels)),
            _ => Rows(encoder, names, null),
        };
    }

    private string Source => $"{Path.GetFileName(_heldOutPath ?? _path)} ({_format})";

    private RecipeExamples Rows(ExampleEncoder encoder, LabelSet? names, LabelledColumns? columns)
    {
        LabelledSet train = Read(_path, names, columns);
        LabelledSet? validation = _heldOutPath is not null ? Read(_heldOutPath, train.Labels, columns) : null;
        if (validation is null && _heldOutShare > 0)
            (train, validation) = train.HoldOut(_heldOutShare);
        return new RecipeExamples(encoder.Encode(train), validation is { Rows.Count: > 0 } ? encoder.Encode(validation) : null, train.Labels.Names,
            columns is null ? Source : $"{Path.GetFileName(_heldOutPath ?? _path)}, {Describe(columns)}");
    }

    /// <summary>Where text and label stand. What learns from text alone needs no label, and the one column of text whatever it is called.</summary>
    private LabelledColumns Columns(bool withLabels)
    {
        const string Usual = "text";
        if (withLabels)
            return new LabelledColumns(_column ?? Usual, _label, _pair);
        if (_column is not null || LabelledFile.ColumnsOf(_path, Table(_path)) is not { } names || names.Contains(Usual))
            return new LabelledColumns(_column ?? Usual, null, _pair);
        string[] texts = [.. names.Where(name => name != _label && name != _pair)];
        return texts is [var only]
            ? new LabelledColumns(only, null, _pair)
            : throw new AttuneFormatException(
                _path, "the columns", $"{texts.Length} that may be the text ({string.Join(", ", texts)})", "one, or one called 'text'", "Name it: --text-column, in a recipe data.column.");
    }

    private static string Describe(LabelledColumns columns) =>
        $"column '{columns.Text}'{(columns.Pair is null ? "" : $" with '{columns.Pair}'")}{(columns.Label is null ? "" : $", label '{columns.Label}'")}";

    private LabelledSet Read(string path, LabelSet? labels, LabelledColumns? columns) => _format switch
    {
        "folders" => LabelledFile.ReadFolders(path, labels),
        "trec" => LabelledFile.ReadTrec(path, _coarse, labels),
        "values" when columns!.Label is not null => LabelledFile.ReadValues(path, columns, Table(path)),
        _ => LabelledFile.Read(path, columns!, labels, Table(path)),
    };

    private RecipeExamples Questions(ExampleEncoder encoder)
    {
        // By paragraph: a text that is held out is not asked about in training.
        (var train, var validation) = Split(path => SquadFile.Read(path), question => question.Context);
        IExampleSet Windows(IReadOnlyList<SquadQuestion> questions) =>
            new ListExampleSet([.. encoder.Encode(questions, _stride).Select(window => window.Example)]);
        return new RecipeExamples(Windows(train), validation.Count > 0 ? Windows(validation) : null, [], Source);
    }

    private RecipeExamples Sentences(ExampleEncoder encoder, LabelSet? tags)
    {
        (var train, var validation) = Split<TaggedSentence>(path => [.. ConllFile.Read(path)], sentence => string.Join(' ', sentence.Tokens));
        LabelSet set = tags ?? LabelSet.Collect(train.Concat(validation).SelectMany(sentence => sentence.Tags));
        IExampleSet Encoded(IReadOnlyList<TaggedSentence> sentences, string path) => encoder.Encode(sentences, set, path);
        return new RecipeExamples(Encoded(train, _path), validation.Count > 0 ? Encoded(validation, _heldOutPath ?? _path) : null, set.Names, Source);
    }

    /// <summary>What is learned and what is held out: a file of its own, or a share by a hash of the text, so that the split never moves.</summary>
    private (IReadOnlyList<T> Train, IReadOnlyList<T> Validation) Split<T>(Func<string, IReadOnlyList<T>> read, Func<T, string> text)
    {
        IReadOnlyList<T> all = read(_path);
        if (all.Count == 0)
            throw new AttuneFormatException("the file holds no examples.", _path);
        if (_heldOutPath is not null)
            return (all, read(_heldOutPath));
        ILookup<bool, T> sides = all.ToLookup(item => StableHash.Fraction(text(item)) < _heldOutShare);
        return ([.. sides[false]], [.. sides[true]]);
    }

    private static string DefaultFormat(string path) => DataFile.Extension(path) switch
    {
        ".json" => "squad",
        ".conll" => "conll",
        _ => "table",
    };

    private TableFormat Table(string path) => TableFormat.For(path) with { Header = _header };
}
