using Attune.Nn.Contracts;
using Attune.Tokenizers;

namespace Attune.Data.Labelled;

/// <summary>A question with a piece of its paragraph, as an example.</summary>
/// <param name="Example">The tokens; its span is the answer's, where this window holds it.</param>
/// <param name="Question">The number of the question in the data set.</param>
/// <param name="Offsets">Where each token stands in the paragraph, in code points; empty for tokens of the question and special ones.</param>
public sealed record QuestionWindow(Example Example, int Question, IReadOnlyList<TextSpan> Offsets)
{
    /// <summary>The words of the paragraph from one token to another.</summary>
    /// <param name="context">The paragraph.</param>
    /// <param name="startToken">The answer's first token.</param>
    /// <param name="endToken">The answer's last token.</param>
    /// <returns>The text; empty where a token is not one of the paragraph (no answer).</returns>
    public string TextOf(string context, int startToken, int endToken)
    {
        TextSpan first = Offsets[startToken], last = Offsets[endToken];
        return first.Length > 0 && last.End > first.Start ? new TextSpan(first.Start, last.End).In(context) : "";
    }
}
