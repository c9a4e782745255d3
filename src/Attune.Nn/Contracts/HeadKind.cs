namespace Attune.Nn.Contracts;

/// <summary>The kinds of heads that objectives and tasks ask for and families provide.</summary>
/// <param name="Name">The name in recipes and messages.</param>
public readonly record struct HeadKind(string Name)
{
    /// <summary>Scores of the vocabulary at each position, for masked positions.</summary>
    public static readonly HeadKind MaskedLm = new("masked-lm");

    /// <summary>Scores of the vocabulary at each position, for the next token.</summary>
    public static readonly HeadKind CausalLm = new("causal-lm");

    /// <summary>Whether the second sentence follows the first (or, for ALBERT, in which order they are).</summary>
    public static readonly HeadKind SentencePair = new("sentence-pair");

    /// <summary>Classes or a number for a sequence.</summary>
    public static readonly HeadKind SequenceClassification = new("sequence-classification");

    /// <summary>Classes for each token.</summary>
    public static readonly HeadKind TokenClassification = new("token-classification");

    /// <summary>The span that answers.</summary>
    public static readonly HeadKind QuestionAnswering = new("question-answering");

    /// <summary>The span that answers: its first token, then its last given the first, and whether there is one.</summary>
    public static readonly HeadKind BeamQuestionAnswering = new("beam-question-answering");

    /// <summary>One score for each choice.</summary>
    public static readonly HeadKind MultipleChoice = new("multiple-choice");

    /// <summary>Whether each token was replaced (ELECTRA).</summary>
    public static readonly HeadKind ReplacedToken = new("replaced-token");

    /// <summary>A small masked language model of its own, which makes up tokens (ELECTRA).</summary>
    public static readonly HeadKind Generator = new("generator");

    /// <summary>How likely a generator's token is to be judged rightly (ELECTRA's adversarial variant).</summary>
    public static readonly HeadKind GeneratorBaseline = new("generator-baseline");

    /// <summary>Scores of the vocabulary at each position of a decoder.</summary>
    public static readonly HeadKind SequenceToSequenceLm = new("seq2seq-lm");

    /// <summary>Scores of the vocabulary for the tokens of a span, read from its boundaries (SpanBERT).</summary>
    public static readonly HeadKind SpanBoundary = new("span-boundary");

    /// <summary>Which of a batch's entities each token belongs to (ERNIE of THU).</summary>
    public static readonly HeadKind EntityAlignment = new("entity-alignment");

    /// <inheritdoc/>
    public override string ToString() => Name;
}

/// <summary>A head that somebody needs.</summary>
/// <param name="Kind">Which.</param>
/// <param name="Classes">The number of classes, where the kind has some.</param>
public sealed record HeadRequest(HeadKind Kind, int Classes = 2);
