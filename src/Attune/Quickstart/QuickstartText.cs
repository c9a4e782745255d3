using Attune.Data.Corpora;
using Attune.Data.Labelled;
using Attune.Data.Sampling;
using Attune.Data.SdkDocs;
using Attune.Formats;

namespace Attune.Quickstart;

/// <summary>The text of a quickstart: documents to pre-train on and sentences to classify, each with a part that is held out.</summary>
/// <param name="Name">What it is, for people.</param>
/// <param name="Fingerprint">Changes whenever the text changes.</param>
/// <param name="Question">What the classes mean, for people.</param>
/// <param name="Train">Documents to learn from.</param>
/// <param name="Validation">Documents to check with.</param>
/// <param name="TrainSentences">Sentences of the first with their classes.</param>
/// <param name="ValidationSentences">Sentences of the second with their classes.</param>
internal sealed record QuickstartText(
    string Name, string Fingerprint, string Question, ITextCorpus Train, ITextCorpus Validation, LabelledSet TrainSentences, LabelledSet ValidationSentences)
{
    private const double ValidationShare = 0.1;
    private const int LeastSentences = 50;
    private const int MostClasses = 8;

    /// <summary>Opens the documentation of the SDK, or the text that was given.</summary>
    /// <exception cref="AttuneFormatException">There is no text, or too little.</exception>
    public static QuickstartText Open(string? path) => path is null ? OpenSdk() : OpenCorpus(TextCorpus.Open(path));

    private static QuickstartText OpenSdk()
    {
        SdkDocumentation documentation = SdkDocumentation.Load();
        return new QuickstartText(
            "the documentation of the installed .NET SDK",
            documentation.Corpus(SdkPart.All).Fingerprint,
            "Which area of the library does a sentence document?",
            documentation.Corpus(SdkPart.Train),
            documentation.Corpus(SdkPart.Validation),
            documentation.AreaSentences(SdkPart.Train, QuickstartPlan.TrainingSentencesPerArea),
            documentation.AreaSentences(SdkPart.Validation, QuickstartPlan.ValidationSentencesPerArea));
    }

    /// <summary>Any other text: its longest documents are the classes, and every tenth sentence by hash is held out.</summary>
    private static QuickstartText OpenCorpus(ITextCorpus corpus)
    {
        TextDocument[] documents = [.. corpus.Documents().Select(d => d with { Sentences = SentencesOf(d) })];
        TextDocument[] classes = [.. documents.Where(d => d.Sentences.Count >= LeastSentences).OrderByDescending(d => d.Sentences.Count).Take(MostClasses)];
        if (classes.Length < 2)
        {
            throw new AttuneFormatException(
                $"the text has {classes.Length} documents of at least {LeastSentences} sentences; the comparison needs two or more, because it asks which document a sentence is from. Give a folder of several files, or one file with blank lines between documents.",
                corpus.Name);
        }
        var labels = new LabelSet(classes.Select(d => Path.GetFileName(d.Origin)));
        return new QuickstartText(
            corpus.Name, corpus.Fingerprint, "Which document is a sentence from?",
            Part(corpus, documents, validation: false), Part(corpus, documents, validation: true),
            Sentences(classes, labels, validation: false, QuickstartPlan.TrainingSentencesPerArea),
            Sentences(classes, labels, validation: true, QuickstartPlan.ValidationSentencesPerArea));
    }

    private static MemoryCorpus Part(ITextCorpus corpus, IEnumerable<TextDocument> documents, bool validation) => new(
        corpus.Name,
        [.. documents
            .Select(d => d with { Sentences = [.. d.Sentences.Where(s => IsHeldOut(s) == validation)] })
            .Where(d => d.Sentences.Count > 0)]);

    private static LabelledSet Sentences(TextDocument[] classes, LabelSet labels, bool validation, int most)
    {
        IEnumerable<LabelledText> rows = classes.SelectMany((document, label) => document.Sentences
            .Where(s => IsHeldOut(s) == validation)
            .Distinct(StringComparer.Ordinal)
            .OrderBy(s => StableHash.Of(s))
            .Take(most)
            .Select(s => new LabelledText(s, null, label, 0, document.Origin)));
        return new LabelledSet([.. rows.OrderBy(r => StableHash.Of(r.Text))], labels);
    }

    private static bool IsHeldOut(string sentence) => StableHash.Fraction(sentence) < ValidationShare;

    private static string[] SentencesOf(TextDocument document) =>
        [.. document.Sentences.SelectMany(s => s.Split('\n', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))];
}
