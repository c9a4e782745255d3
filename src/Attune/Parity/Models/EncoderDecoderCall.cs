using Attune.Formats;
using Attune.Nn.Contracts;

namespace Attune.Parity.Models;

/// <summary>Models whose decoder reads what their encoder made of another sequence: T5, BART.</summary>
internal sealed class EncoderDecoderCall : IReferenceCall
{
    /// <inheritdoc/>
    public bool Serves(GoldenModel golden, Model model) => model.Backbone is IEncoderDecoder;

    /// <inheritdoc/>
    public IPreparedCall Prepare(GoldenModel golden, Model model, CaseArguments arguments)
    {
        StoredTensor source = arguments.Get("input_ids");
        PaddedRows sourceRows = TokenArguments.Rows(arguments, source.Shape, "attention_mask");
        (int[] ids, IReadOnlyList<int> shape) = DecoderIds(golden, model, arguments, source);
        PaddedRows rows = TokenArguments.Rows(arguments, shape, "decoder_attention_mask");
        IReadOnlyList<IHeadCall> heads = [.. model.Heads.Select(head => HeadCalls.Prepare(head, golden, model, arguments, rows))];
        if (heads.Any(head => head.ReadsPadding))
            rows = rows.WithPadding();
        bool routed = arguments.Flag("output_router_logits", false);
        // Experts have room for padding too, and their losses count it.
        if (golden.Config.Has("num_experts"))
            (sourceRows, rows) = (sourceRows.WithPadding(), rows.WithPadding());
        return new Prepared(
            (IEncoderDecoder)model.Backbone,
            TokenArguments.Batch(arguments, source.ToInt32(), sourceRows), sourceRows,
            new TokenBatch { Ids = rows.Rows(ids), Segments = rows.Segments, KeyMask = rows.KeyMask }, rows,
            heads, routed, (golden.Config.Int("encoder_sparse_step", 0), golden.Config.Int("decoder_sparse_step", 0)));
    }

    // Without ids of its own a decoder reads the labels (or, to classify, the source) moved one place to the right.
    private static (int[] Ids, IReadOnlyList<int> Shape) DecoderIds(GoldenModel golden, Model model, CaseArguments arguments, StoredTensor source)
    {
        if (arguments.Find("decoder_input_ids") is { } given)
            return (given.ToInt32(), given.Shape);
        StoredTensor read = model.HasHead(HeadKind.SequenceToSequenceLm) ? arguments.Get("labels") : source;
        int padding = golden.Config.Int("pad_token_id");
        int start = golden.Config.IntOrNull("decoder_start_token_id") ?? padding;
        int length = read.Shape[^1];
        int[] ids = read.ToInt32();
        int[] shifted = new int[ids.Length];
        for (int cell = 0; cell < ids.Length; cell++)
            shifted[cell] = cell % length == 0 ? start : ids[cell - 1] == Labels.Ignore ? padding : ids[cell - 1];
        return (shifted, read.Shape);
    }

    private sealed class Prepared(
        IEncoderDecoder backbone, TokenBatch source, PaddedRows sourceRows, TokenBatch target, PaddedRows rows, IReadOnlyList<IHeadCall> heads, bool routed,
        (int Encoder, int Decoder) steps)
        : IPreparedCall
    {
        public CallOutputs Run(Pass pass)
        {
            BackboneOutput encoded = backbone.Encode(pass, source);
            BackboneOutput output = backbone.Decode(pass, target, encoded);
            // The reference adds the routers' losses only if it is asked for their scores.
            if (!routed)
                output = output with { AuxiliaryLoss = null, Encoder = encoded with { AuxiliaryLoss = null } };
            var outputs = new CallOutputs();
            outputs.Add("encoder_last_hidden_state", () => sourceRows.Pad(encoded.Hidden));
            outputs.Add("last_hidden_state", () => rows.Pad(output.Hidden));
            outputs.AddTrace(pass.Trace?.Encoder, "encoder_", sourceRows);
            outputs.AddTrace(pass.Trace, "decoder_", rows);
            for (int i = 0; i < pass.Trace?.CrossAttentions.Count; i++)
            {
                AttentionMaps attention = pass.Trace.CrossAttentions[i];
                outputs.Add($"cross_attentions.{i}", () => rows.PadAttention(attention, sourceRows));
            }
            AddRouting(outputs, pass, pass.Trace?.Encoder, "encoder_", sourceRows, steps.Encoder);
            AddRouting(outputs, pass, pass.Trace, "decoder_", rows, steps.Decoder);
            outputs.AddHeads(heads, pass, output, rows);
            return outputs;
        }

        private static void AddRouting(CallOutputs outputs, Pass pass, Trace? trace, string prefix, PaddedRows rows, int sparse)
        {
            if (trace?.Routing is not { IsEmpty: false } routing)
                return;
            foreach ((int i, Tensors.Tensor logits) in routing.Logits.Index())
                outputs.Add($"{prefix}router_logits.{i}", () => rows.Pad(logits));
            Tensors.Tensor none = Tensors.Tensor.Zeros([]);
            outputs.Add(prefix + "z_loss", sparse == 1 ? none : routing.ScoreLoss(pass.Tape));
            outputs.Add(prefix + "aux_loss", sparse == 1 ? none : routing.BalanceLoss(pass.Tape, rows.Segments));
        }
    }
}
