using Attune.Formats;
using Attune.Nn.Contracts;

namespace Attune.Parity.Models;

/// <summary>Models of one stack that read token ids: BERT, GPT-2 and all between.</summary>
internal sealed class SingleStackCall : IReferenceCall
{
    /// <inheritdoc/>
    public bool Serves(GoldenModel golden, Model model) => model.Backbone is ISequenceBackbone;

    /// <inheritdoc/>
    public IPreparedCall Prepare(GoldenModel golden, Model model, CaseArguments arguments)
    {
        StoredTensor ids = arguments.Get("input_ids");
        PaddedRows rows = TokenArguments.Rows(arguments, ids.Shape, "attention_mask");
        IReadOnlyList<IHeadCall> heads = [.. model.Heads.Select(head => HeadCalls.Prepare(head, golden, model, arguments, rows))];
        // Asked for with or without; experts have room for padding too.
        arguments.Flag("output_router_logits", false);
        if (golden.Config.Has("num_experts") || heads.Any(head => head.ReadsPadding))
            rows = rows.WithPadding();
        return new Prepared((ISequenceBackbone)model.Backbone, TokenArguments.Batch(arguments, ids.ToInt32(), rows), rows, heads);
    }

    private sealed class Prepared(ISequenceBackbone backbone, TokenBatch batch, PaddedRows rows, IReadOnlyList<IHeadCall> heads) : IPreparedCall
    {
        public CallOutputs Run(Pass pass)
        {
            BackboneOutput output = backbone.Forward(pass, batch);
            var outputs = new CallOutputs();
            outputs.Add("last_hidden_state", () => rows.Pad(output.Hidden));
            if (output.Pooled is { } pooled)
                outputs.Add("pooler_output", pooled);
            outputs.AddTrace(pass.Trace, "", rows);
            foreach ((int i, Tensors.Tensor logits) in (pass.Trace?.Routing?.Logits ?? []).Index())
                outputs.Add($"router_logits.{i}", () => rows.Pad(logits));
            outputs.AddHeads(heads, pass, output, rows);
            return outputs;
        }
    }
}
