using Attune.Formats;
using Attune.Nn.Contracts;
using Attune.Nn.OutputHeads;
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
        TokenInput ids = TokenInput.Read(arguments);
        // XLNet also takes a mask that says where padding is.
        PaddedRows rows = arguments.Find("input_mask") is { } padding
            ? PaddedRows.Of(ids.Shape[0], ids.Shape[1], [.. TokenArguments.Numbers(padding).Select(masked => masked == 0 ? 1 : 0)])
            : TokenArguments.Rows(arguments, ids.Shape, "attention_mask");
        PaddedRows answers = arguments.Find("target_mapping") is { } mapping ? PaddedRows.Of(mapping.Shape[0], mapping.Shape[1], null) : rows;
        IReadOnlyList<IHeadCall> heads = [.. model.Heads.Select(head => head is AdaptiveSoftmaxHead adaptive
            ? new AdaptiveHeadCall(adaptive, arguments.Ints("labels"), golden.Config)
            : HeadCalls.Prepare(head, golden, model, arguments, answers))];
        if (heads.Any(head => head.ReadsPadding))
            rows = rows.WithPadding();
        TokenBatch batch = TokenArguments.Batch(arguments, ids, rows, golden.Family, golden.Config) with
        {
            KeepsMemory = arguments.Flag("use_mems", golden.Config.Bool("use_mems_eval", true)),
            PairMask = arguments.Find("perm_mask") is { } hidden ? (ReadOnlyMemory<bool>?)PairMask(hidden, rows) : null,
            Targets = arguments.Find("target_mapping") is { } targets ? Targets(targets, rows) : null,
        };
        return new Prepared((ISequenceBackbone)model.Backbone, batch, rows, batch.Targets is null ? rows : answers, heads, Columns(golden.Config, rows.Length));
    }

    // How many of its last columns the reference remembers of a first segment; null where it remembers the first ones.
    private static int? Columns(JsonFields config, int length) => config.IntOrNull("reuse_len") is > 0 ? null
        : config.IntOrNull("mem_len") is > 0 and var most ? Math.Min(length, most) : length;

    // The reference marks pairs that do not see each other.
    private static bool[] PairMask(StoredTensor hidden, PaddedRows rows)
    {
        float[] values = TokenArguments.Numbers(hidden);
        int[] columns = rows.Rows([.. Enumerable.Range(0, rows.Sequences * rows.Length).Select(cell => cell % rows.Length)])!;
        List<bool> visible = [];
        for (int s = 0; s < rows.Sequences; s++)
        {
            for (int query = rows.Segments.Start(s); query < rows.Segments.Start(s + 1); query++)
            {
                for (int key = rows.Segments.Start(s); key < rows.Segments.Start(s + 1); key++)
                    visible.Add(values[(s * rows.Length + columns[query]) * rows.Length + columns[key]] == 0);
            }
        }
        return [.. visible];
    }

    // For each prediction a 1 at the place of its token.
    private static TargetRows Targets(StoredTensor mapping, PaddedRows rows)
    {
        float[] values = TokenArguments.Numbers(mapping);
        int[] cells = rows.Rows([.. Enumerable.Range(0, rows.Sequences * rows.Length)])!;
        int count = mapping.Shape[1];
        int[] targets = new int[rows.Sequences * count];
        for (int i = 0; i < targets.Length; i++)
        {
            ReadOnlySpan<float> row = values.AsSpan(i * rows.Length, rows.Length);
            int column = row.IndexOf(1f);
            targets[i] = column < 0 || row.Count(0f) != row.Length - 1 ? -1 : Array.IndexOf(cells, i / count * rows.Length + column);
            if (targets[i] < 0)
                throw new NotSupportedException("Every prediction of 'target_mapping' must be at the place of one real token.");
        }
        return new TargetRows(targets, Segments.Equal(rows.Sequences, count));
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

    private sealed class Prepared(ISequenceBackbone backbone, TokenBatch batch, PaddedRows rows, PaddedRows answers, IReadOnlyList<IHeadCall> heads, int? columns)
    {
        public (CallOutputs Outputs, SegmentMemory? Memory) Run(Pass pass, SegmentMemory? memory)
        {
            BackboneOutput output = backbone.Forward(pass, batch with { Memory = memory });
            var outputs = new CallOutputs();
            outputs.Add("last_hidden_state", () => answers.Pad(output.Hidden));
            AddTrace(pass.Trace, outputs);
            for (int i = 0; i < output.Memory?.Blocks.Count; i++)
            {
                Tensor remembered = output.Memory.Blocks[i];
                Segments kept = output.Memory.Segments;
                // After a first segment padding may stand anywhere; later on what is kept is at the end.
                bool first = columns is not null && output.Batch.Memory is null && kept.MaxLength <= rows.Length;
                outputs.Add($"mems.{i}", () => (first ? rows.PadLast(remembered, kept, columns!.Value) : PaddedRows.AtEnd(kept).Pad(remembered)).TimeMajor());
            }
            outputs.AddHeads(heads, pass, output, answers);
            return (outputs, output.Memory);
        }

        // With two streams everything comes twice, what is read first.
        private void AddTrace(Trace? trace, CallOutputs outputs)
        {
            bool two = batch.Targets is not null;
            for (int i = 0; i < trace?.HiddenStates.Count; i++)
            {
                Tensor state = trace.HiddenStates[i];
                outputs.Add($"hidden_states.{(two ? 2 * i : i)}", () => rows.Pad(state.DetachedRows(0, batch.Rows)));
                if (two)
                    outputs.Add($"hidden_states.{2 * i + 1}", () => answers.Pad(state.DetachedRows(batch.Rows, state.Shape[0] - batch.Rows)));
            }
            for (int i = 0; i < trace?.Attentions.Count; i++)
            {
                AttentionMaps attention = trace.Attentions[i];
                PaddedRows queries = two && i % 2 == 1 ? rows.At(batch.Targets!.Rows) : rows;
                outputs.Add(two ? $"attentions.{i / 2}.{i % 2}" : $"attentions.{i}", () => queries.PadAttention(attention, rows.Behind(attention.Keys)));
            }
        }
    }
}
