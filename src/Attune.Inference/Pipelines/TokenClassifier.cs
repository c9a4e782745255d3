using Attune.Nn.Contracts;
using Attune.Tensors;
using Attune.Tensors.Ops;
using Attune.Tokenizers;

namespace Attune.Inference;

/// <summary>A token and its class.</summary>
/// <param name="Token">The token as the vocabulary spells it.</param>
/// <param name="Label">The name of its class.</param>
/// <param name="Score">How likely that is, 0 to 1.</param>
/// <param name="Span">Where it stands in the text, in code points.</param>
public sealed record TaggedToken(string Token, string Label, float Score, TextSpan Span);

/// <summary>A stretch of text whose tokens belong together.</summary>
/// <param name="Label">The class, without the mark of a beginning or a continuation.</param>
/// <param name="Text">The stretch.</param>
/// <param name="Score">The mean score of its tokens, 0 to 1.</param>
/// <param name="Span">Where it stands in the text, in code points.</param>
public sealed record Entity(string Label, string Text, float Score, TextSpan Span);

/// <summary>Gives every token of a text a class (names, parts of speech).</summary>
/// <remarks>Thread-safe.</remarks>
public sealed class TokenClassifier
{
    private const string Outside = "O";

    private readonly InferenceModel _model;
    private readonly ITokenHead _head;

    /// <summary>Makes the pipeline.</summary>
    /// <exception cref="InvalidOperationException">The model has no token classification head.</exception>
    public TokenClassifier(InferenceModel model)
    {
        _model = model;
        _head = model.Head<ITokenHead>(HeadKind.TokenClassification);
    }

    /// <summary>Tags the tokens of one text.</summary>
    /// <exception cref="ArgumentException">The text is too long.</exception>
    public IReadOnlyList<TaggedToken> Tag(string text) => Tag([text])[0];

    /// <summary>Tags the tokens of several texts; special tokens are left out.</summary>
    /// <exception cref="ArgumentException">A text is too long.</exception>
    public IReadOnlyList<IReadOnlyList<TaggedToken>> Tag(IReadOnlyList<string> texts)
    {
        var tagged = new List<TaggedToken>[texts.Count];
        Encoding[] encodings = [.. texts.Select(text => _model.Encode(text))];
        _model.Run(encodings, (pass, output, first) =>
        {
            Tensor probabilities = pass.Tape.Softmax(_head.Logits(pass, output));
            Segments segments = output.Batch.Segments;
            for (int s = 0; s < segments.Count; s++)
            {
                Encoding encoding = encodings[first + s];
                List<TaggedToken> tokens = tagged[first + s] = [];
                for (int i = 0; i < encoding.Length; i++)
                {
                    if (encoding.SpecialMask[i])
                        continue;
                    (int label, float score) = TopValues.Of(probabilities.DetachedRows(segments.Start(s) + i, 1).Span, 1)[0];
                    tokens.Add(new TaggedToken(encoding.Tokens[i], _model.LabelOf(label), score, encoding.Offsets[i]));
                }
            }
        });
        return tagged;
    }

    /// <summary>
    /// Finds the named stretches of a text, for classes named <c>B-X</c> and <c>I-X</c> (or plainly <c>X</c>), with <c>O</c> for
    /// what is outside of all.
    /// </summary>
    /// <exception cref="ArgumentException">The text is too long.</exception>
    public IReadOnlyList<Entity> FindEntities(string text)
    {
        List<Entity> entities = [];
        string? open = null;
        int start = 0, end = 0, count = 0;
        float sum = 0;
        foreach (TaggedToken token in Tag(text))
        {
            (bool begins, string label) = Parse(token.Label);
            if (open is not null && (label != open || begins))
                Close();
            if (label == Outside)
                continue;
            if (open is null)
                (open, start, sum, count) = (label, token.Span.Start, 0, 0);
            (end, sum, count) = (token.Span.End, sum + token.Score, count + 1);
        }
        if (open is not null)
            Close();
        return entities;

        void Close()
        {
            var span = new TextSpan(start, end);
            entities.Add(new Entity(open!, span.In(text), sum / count, span));
            open = null;
        }
    }

    private static (bool Begins, string Label) Parse(string label) => label switch
    {
        ['B', '-', ..] => (true, label[2..]),
        ['I', '-', ..] => (false, label[2..]),
        _ => (false, label),
    };
}
