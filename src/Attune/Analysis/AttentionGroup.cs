using Attune.Inference;
using Attune.Nn.Contracts;
using Attune.Tensors;
using Attune.Tensors.Autograd;
using Attune.Tokenizers;

namespace Attune.Analysis;

/// <summary>Attention of one kind that a model left while it read a text.</summary>
/// <param name="Name">Which kind: self-attention, of the encoder, of the decoder, or from decoder to encoder.</param>
/// <param name="Queries">The tokens that look.</param>
/// <param name="Keys">The tokens that are looked at.</param>
/// <param name="Layers">For each layer <c>[heads, queries, keys]</c>; each row of keys adds up to 1.</param>
public sealed record AttentionGroup(string Name, IReadOnlyList<string> Queries, IReadOnlyList<string> Keys, IReadOnlyList<Tensor> Layers)
{
    /// <summary>Lets a model read a text and keeps what it attends to.</summary>
    /// <param name="model">The model and its tokenizer.</param>
    /// <param name="text">The text.</param>
    /// <param name="pair">A second text of the same example; the target that the decoder of an encoder-decoder reads; null if there is none.</param>
    /// <exception cref="ArgumentException">The text is too long, or the model has no attention to be shown.</exception>
    public static IReadOnlyList<AttentionGroup> Of(InferenceModel model, string text, string? pair = null)
    {
        var tape = new Tape();
        tape.Begin(recording: false);
        var pass = new Pass(tape, new Trace { Encoder = new Trace() });
        AttentionGroup[] groups;
        if (model.Model.Backbone is IEncoderDecoder both)
        {
            Encoding source = Encode(model, text, null), target = Encode(model, pair ?? "", null);
            BackboneOutput encoded = both.Encode(pass, Batch(source));
            int start = model.Model.DecoderStartId;
            both.Decode(pass, TokenBatch.Of([start, .. target.Ids]), encoded);
            string[] written = [model.Tokenizer.IdToToken(start) ?? "", .. target.Tokens];
            groups =
            [
                Group("encoder", source.Tokens, source.Tokens, pass.Trace!.Encoder!.Attentions),
                Group("decoder", written, written, pass.Trace.Attentions),
                Group("decoder to encoder", written, source.Tokens, pass.Trace.CrossAttentions),
            ];
        }
        else
        {
            Encoding whole = Encode(model, text, pair);
            model.Model.Forward(pass, Batch(whole));
            groups = [Group("self-attention", whole.Tokens, whole.Tokens, pass.Trace!.Attentions)];
        }
        AttentionGroup[] found = [.. groups.Where(group => group.Layers.Count > 0)];
        return found.Length > 0 ? found : throw new ArgumentException("This model leaves no attention to be shown: other mixers stand in its blocks.", nameof(model));
    }

    private static AttentionGroup Group(string name, IReadOnlyList<string> queries, IReadOnlyList<string> keys, List<AttentionMaps> maps) =>
        new(name, queries, keys, [.. maps.Select(map => Copy(map.Of(0)))]);

    // What a pass leaves lives only as long as the pass.
    private static Tensor Copy(Tensor map) => Tensor.From(map.Shape, map.Span);

    private static Encoding Encode(InferenceModel model, string text, string? pair)
    {
        Encoding encoding = model.Tokenizer.Encode(text, pair, new EncodeOptions());
        return model.MaxLength is { } most && encoding.Length > most
            ? throw new ArgumentException($"The text has {encoding.Length} tokens; this model takes at most {most}.", nameof(text))
            : encoding;
    }

    private static TokenBatch Batch(Encoding encoding) => new()
    {
        Ids = encoding.Ids.ToArray(),
        TypeIds = encoding.TypeIds.Any(type => type != 0) ? (ReadOnlyMemory<int>?)encoding.TypeIds.ToArray() : null,
        Segments = Segments.Equal(1, encoding.Length),
    };
}
