using Attune.Tokenizers.Unicode;

namespace Attune.Tokenizers.Patterns;

/// <summary>A part of a parsed pattern.</summary>
internal abstract record PatternNode
{
    /// <summary>Matches nothing, successfully.</summary>
    public sealed record Empty : PatternNode;

    /// <summary>One code point of a set.</summary>
    public sealed record Set(CodePointSet Members) : PatternNode;

    /// <summary>One part after the other.</summary>
    public sealed record Sequence(IReadOnlyList<PatternNode> Parts) : PatternNode;

    /// <summary>The first part that leads to a match.</summary>
    public sealed record Choice(IReadOnlyList<PatternNode> Options) : PatternNode;

    /// <summary>A part again and again.</summary>
    /// <param name="Body">The part.</param>
    /// <param name="Least">How often at least.</param>
    /// <param name="Most">How often at most; -1 for no limit.</param>
    /// <param name="Lazy">Whether as seldom as possible.</param>
    public sealed record Repeat(PatternNode Body, int Least, int Most, bool Lazy) : PatternNode;

    /// <summary>A part whose text can be referred to.</summary>
    public sealed record Capture(PatternNode Body, int Number) : PatternNode;

    /// <summary>A part that keeps its first way of matching.</summary>
    public sealed record Atomic(PatternNode Body) : PatternNode;

    /// <summary>A condition on the text after or before this place.</summary>
    public sealed record Look(PatternNode Body, bool Behind, bool Negated) : PatternNode;

    /// <summary>A condition on this place.</summary>
    public sealed record Anchor(AnchorKind Kind) : PatternNode;

    /// <summary>The text that a captured part matched.</summary>
    public sealed record BackReference(int Number) : PatternNode;

    /// <summary>One user-perceived character.</summary>
    public sealed record Grapheme : PatternNode;
}

/// <summary>The places an anchor can demand.</summary>
internal enum AnchorKind
{
    /// <summary>The beginning of a line.</summary>
    LineStart,

    /// <summary>The end of a line.</summary>
    LineEnd,

    /// <summary>The beginning of the text.</summary>
    TextStart,

    /// <summary>The end of the text.</summary>
    TextEnd,

    /// <summary>The end of the text, or before a newline that ends it.</summary>
    TextEndOrLastNewline,

    /// <summary>The edge of a word.</summary>
    WordBoundary,

    /// <summary>Anywhere but the edge of a word.</summary>
    NotWordBoundary,

    /// <summary>Where the search began.</summary>
    SearchStart,
}
