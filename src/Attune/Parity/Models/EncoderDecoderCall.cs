using Attune.Formats;
using Attune.Nn.Contracts;
using Attune.Nn.OutputHeads;

namespace Attune.Parity.Models;

/// <summary>Models whose decoder reads what their encoder made of another sequence: T5, BART.</summary>
internal sealed class EncoderDecoderCall : IReferenceCall
{
    /// <inheritdoc/>
    public bool Serves(GoldenModel golden, Model model) => model.Backbone is IEncoderDecoder;

    /// <inheritdoc/>
    public IPreparedCall Prepare(GoldenModel golden, Model model, CaseArguments arguments)
    {
        TokenInput source = TokenInput.Read(arguments), target = TokenInput.Find(arguments, "decoder_") ?? MovedRight(golden, model, arguments, source);
        PaddedRows sourceRows = TokenArguments.Rows(arguments, source.Shape, "attention_mask");
        PaddedRows rows = TokenArguments.Rows(arguments, target.Shape, "decoder_attention_mask");
        IReadOnlyList<IHeadCall> heads = [.. model.Heads.Select(head => HeadCalls.Prepare(head, golden, model, arguments, rows))];
        if (heads.Any(head => head.ReadsPadding))
            rows = rows.WithPadding();
        bool routed = arguments.Flag("output_router_logits", false);
        // Experts have room for padding too, and their losses count it; the place of an end token is a column of the padded array.
        if (golden.Config.Has("num_experts") || model.Heads.Any(head => head is EosClassificationHead) && sourceRows.Columns() is not null)
            (sourceRows, rows) = (sourceRows.WithPadding(), rows.WithPadding());
        return new Prepared(
            (IEncoderDecoder)model.Backbone,
            TokenArguments.Batch(arguments, source, sourceRows, golden.Family, golden.Config), sourceRows,
            target.Batch(rows) with { Positions = rows.Columns() is { } columns ? (ReadOnlyMemory<int>?)columns : null }, rows,
            heads, routed, (golden.Config.Int("encoder_sparse_step", 0), golden.Config.Int("decoder_sparse_step", 0)));
    }

    // Without ids of its own a decoder reads the labels (or, where there are none or others, the source) moved one place to the right.
    private static TokenInput MovedRight(GoldenModel golden, Model model, CaseArguments arguments, TokenInput source)
    {
        StoredTensor? labels = model.HasHead(HeadKind.SequenceToSequenceLm) ? arguments.Find("labels") : null;
        IReadOnlyList<int> shape = labels is null ? source.Shape : [.. labels.Shape];
        int[] ids = labels?.ToInt32() ?? source.Ids ?? arguments.Get("decoder_input_ids").ToInt32();
        int padding = golden.Config.Int("pad_token_id");
        int start = golden.Config.IntOrNull("decoder_start_token_id") ?? padding;
        int length = shape[^1];
        int[] moved = new int[ids.Length];
        for (int cell = 0; cell < ids.Length; cell++)
            moved[cell] = cell % length == 0 ? start : ids[cell - 1] == Labels.Ignore ? padding : ids[cell - 1];
        return new TokenInput(moved, null, shape);
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
