using Attune.Backbones.TransfoXl;
using Attune.Formats;
using Attune.Nn.Contracts;
using Attune.Tensors;
using Attune.Tensors.Ops;

namespace Attune.Parity.Models;

/// <summary>
/// Models that read earlier segments: one call, or two whose arguments begin with <c>seg1.</c> and <c>seg2.</c>, the second with what the first
/// one remembered. Their loss is the mean of both.
/// </summary>
internal sealed class MemoryCall : IReferenceCall
{
    private static readonly string[] Parts = ["seg1.", "seg2."];

    /// <inheritdoc/>
    public bool Serves(GoldenModel golden, Model model) => golden.Family.Capabilities.HasFlag(Capabilities.Memory) && model.Backbone is ISequenceBackbone;

    /// <inheritdoc/>
    public IPreparedCall Prepare(GoldenModel golden, Model model, CaseArguments arguments)
    {
        if (arguments.Find(Parts[0] + "input_ids") is null)
            return new Several([("", Segment(golden, model, arguments))]);
        return new Several([.. Parts.Select(part => (part, Segment(golden, model, arguments.Part(part))))]);
    }

    private static Prepared Segment(GoldenModel golden, Model model, CaseArguments arguments)
    {
        StoredTensor ids = arguments.Get("input_ids");
        PaddedRows rows = TokenArguments.Rows(arguments, ids.Shape, "attention_mask");
        IReadOnlyList<IHeadCall> heads = [.. model.Heads.Select(head => golden.Family is TransfoXlFamily && head is ITokenHead adaptive
            ? new AdaptiveHeadCall(adaptive, arguments.Ints("labels"), golden.Config)
            : HeadCalls.Prepare(head, golden, model, arguments, rows))];
        if (heads.Any(head => head.ReadsPadding))
            rows = rows.WithPadding();
        return new Prepared((ISequenceBackbone)model.Backbone, TokenArguments.Batch(arguments, ids.ToInt32(), rows) with { KeepsMemory = true }, rows, heads);
    }

    private sealed class Several(IReadOnlyList<(string Prefix, Prepared Call)> calls) : IPreparedCall
    {
        public CallOutputs Run(Pass pass)
        {
            var all = new CallOutputs();
            Tensor? sum = null;
            SegmentMemory? memory = null;
            foreach ((string prefix, Prepared call) in calls)
            {
                Pass own = pass with { Trace = pass.Trace is null ? null : new Trace() };
                (CallOutputs outputs, memory) = call.Run(own, memory);
                all.AddPart(prefix, outputs);
                if (outputs.Loss is { } loss)
                    sum = sum is null ? loss : pass.Tape.Add(sum, loss);
            }
            if (sum is not null)
                all.SetLoss(calls.Count == 1 ? sum : pass.Tape.Scale(sum, 1f / calls.Count));
            return all;
        }
    }

    private sealed class Prepared(ISequenceBackbone backbone, TokenBatch batch, PaddedRows rows, IReadOnlyList<IHeadCall> heads)
    {
        public (CallOutputs Outputs, SegmentMemory? Memory) Run(Pass pass, SegmentMemory? memory)
        {
            BackboneOutput output = backbone.Forward(pass, batch with { Memory = memory });
            var outputs = new CallOutputs();
            outputs.Add("last_hidden_state", () => rows.Pad(output.Hidden));
            for (int i = 0; i < pass.Trace?.HiddenStates.Count; i++)
            {
                Tensor state = pass.Trace.HiddenStates[i];
                outputs.Add($"hidden_states.{i}", () => rows.Pad(state));
            }
            for (int i = 0; i < pass.Trace?.Attentions.Count; i++)
            {
                AttentionMaps attention = pass.Trace.Attentions[i];
                outputs.Add($"attentions.{i}", () => rows.PadAttention(attention, rows.Behind(attention.Keys)));
            }
            for (int i = 0; i < output.Memory?.Blocks.Count; i++)
            {
                Tensor remembered = output.Memory.Blocks[i];
                Segments kept = output.Memory.Segments;
                outputs.Add($"mems.{i}", () => PaddedRows.AtEnd(kept).Pad(remembered).TimeMajor());
            }
            outputs.AddHeads(heads, pass, output, rows);
            return (outputs, output.Memory);
        }
    }
}
