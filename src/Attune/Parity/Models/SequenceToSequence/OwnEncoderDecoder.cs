using Attune.Nn.Contracts;
using Attune.Nn.Decoding;
using Attune.Tensors;
using Attune.Tensors.Ops;

namespace Attune.Parity.Models.SequenceToSequence;

/// <summary>
/// An encoder-decoder of a reference without a common library, with its arguments: real tokens are those that are not padding, whatever
/// side that is on.
/// </summary>
/// <param name="Model">The model.</param>
/// <param name="Source">What the encoder reads.</param>
/// <param name="SourceRows">Where its rows are.</param>
/// <param name="Target">What the decoder reads.</param>
/// <param name="Rows">Where its rows are.</param>
/// <param name="Labels">What it is to predict.</param>
internal sealed record OwnEncoderDecoder(
    Model Model, TokenBatch Source, PaddedRows SourceRows, TokenBatch Target, PaddedRows Rows, int[] Labels)
{
    /// <summary>The body.</summary>
    public IEncoderDecoder Backbone => (IEncoderDecoder)Model.Backbone;

    /// <summary>The output layer.</summary>
    public ITokenHead Head => Model.Head<ITokenHead>(HeadKind.SequenceToSequenceLm);

    /// <summary>Prepares arguments.</summary>
    /// <param name="model">The model.</param>
    /// <param name="source">The encoder's tokens, padded.</param>
    /// <param name="target">The decoder's tokens, padded.</param>
    /// <param name="labels">The label of each of the decoder's tokens, padded.</param>
    /// <param name="shapes">The extents of both arrays.</param>
    /// <param name="padding">The padding token.</param>
    public static OwnEncoderDecoder Prepare(
        Model model, int[] source, int[] target, int[] labels, ((int Sequences, int Length) Source, (int Sequences, int Length) Target) shapes, int padding)
    {
        PaddedRows sourceRows = PaddedRows.Of(shapes.Source.Sequences, shapes.Source.Length, [.. source.Select(id => id == padding ? 0 : 1)]);
        PaddedRows rows = PaddedRows.Of(shapes.Target.Sequences, shapes.Target.Length, [.. labels.Select(id => id == padding ? 0 : 1)]);
        return new OwnEncoderDecoder(
            model,
            new TokenBatch { Ids = sourceRows.Rows(source), Segments = sourceRows.Segments }, sourceRows,
            new TokenBatch { Ids = rows.Rows(target), Segments = rows.Segments }, rows,
            rows.Rows(labels)!);
    }

    /// <summary>Runs both halves and the output layer.</summary>
    public (BackboneOutput Encoded, BackboneOutput Decoded, Tensor Logits) Run(Pass pass)
    {
        BackboneOutput encoded = Backbone.Encode(pass, Source);
        BackboneOutput decoded = Backbone.Decode(pass, Target, encoded);
        return (encoded, decoded, Head.Logits(pass, decoded));
    }

    /// <summary>The logits of all rows, decoded one token at a time: <c>[rows, vocabulary]</c>.</summary>
    public Tensor StepByStep(Pass pass)
    {
        var steps = new List<Tensor>();
        for (int s = 0; s < Target.Segments.Count; s++)
        {
            BackboneOutput encoded = Backbone.Encode(pass, One(Source, s));
            int[] ids = One(Target, s).Ids.ToArray();
            var cache = new KeyValueCache(1);
            foreach (int id in ids)
                steps.Add(Head.Logits(pass, Backbone.Decode(pass, TokenBatch.Of([id]) with { State = cache }, encoded)));
        }
        return pass.Tape.Concat(0, [.. steps]);
    }

    /// <summary>The best token at each of <paramref name="count"/> steps of every sequence, <c>[sequences, count]</c>.</summary>
    public int[] Greedy(Pass pass, int startId, int count)
    {
        int[] chosen = new int[Source.Segments.Count * count];
        for (int s = 0; s < Source.Segments.Count; s++)
        {
            BackboneOutput encoded = Backbone.Encode(pass, One(Source, s));
            var cache = new KeyValueCache(1);
            int id = startId;
            for (int step = 0; step < count; step++)
            {
                Tensor logits = Head.Logits(pass, Backbone.Decode(pass, TokenBatch.Of([id]) with { State = cache }, encoded));
                float[] scores = logits.ToArray();
                id = Array.IndexOf(scores, scores.Max());
                chosen[s * count + step] = id;
            }
        }
        return chosen;
    }

    private static TokenBatch One(TokenBatch batch, int sequence) =>
        TokenBatch.Of(batch.Ids.Slice(batch.Segments.Start(sequence), batch.Segments.Length(sequence)).ToArray());
}
