using Attune.Nn.Contracts;
using Attune.Nn.OutputHeads;
using Attune.Parity.Comparison;
using Attune.Tensors;
using Attune.Tensors.Ops;

namespace Attune.Parity.Models;

/// <summary>
/// A causal stack that scores choices as well as the vocabulary: <c>[examples, choices, length]</c> in, each choice read at the token that
/// <c>mc_token_ids</c> names, the last one otherwise. Only the language model's loss is the case's loss.
/// </summary>
internal sealed class DoubleHeadsCall : IReferenceCall
{
    /// <inheritdoc/>
    public bool Serves(GoldenModel golden, Model model) =>
        model.Backbone is ISequenceBackbone && model.HasHead(HeadKind.CausalLm) && model.HasHead(HeadKind.MultipleChoice);

    /// <inheritdoc/>
    public IPreparedCall Prepare(GoldenModel golden, Model model, CaseArguments arguments)
    {
        TokenInput input = TokenInput.Read(arguments);
        // A token that is read may be padding.
        PaddedRows rows = TokenArguments.Rows(arguments, input.Shape, "attention_mask").WithPadding();
        int[] places = arguments.Ints("mc_token_ids") ?? [.. Enumerable.Repeat(rows.Length - 1, rows.Sequences)];
        if (places.Length != rows.Sequences)
            throw new InvalidOperationException($"The argument 'mc_token_ids' has {places.Length} numbers; there are {rows.Sequences} choices.");
        IHeadCall words = HeadCalls.Prepare(model.Head<ITokenHead>(HeadKind.CausalLm), golden, model, arguments, rows);
        return new Prepared(
            model, SingleStackCall.Batch(golden, model, arguments, input, rows), rows, words,
            [.. places.Select((column, sequence) => rows.RowOf(sequence, column))], arguments.Ints("mc_labels"), [.. input.Shape]);
    }

    private sealed class Prepared(
        Model model, SingleStackCall.StackBatch batch, PaddedRows rows, IHeadCall words, int[] places, int[]? labels, int[] shape) : IPreparedCall
    {
        public CallOutputs Run(Pass pass)
        {
            BackboneOutput output = ((ISequenceBackbone)model.Backbone).Forward(pass, batch.Of(pass.Tape));
            var all = new CallOutputs();
            all.Add("last_hidden_state", () => ByChoice(output.Hidden));
            var traced = new CallOutputs();
            traced.AddTrace(pass.Trace, "", rows);
            string last = $"hidden_states.{(pass.Trace?.HiddenStates.Count ?? 0) - 1}";
            foreach ((string name, ComparedValues values) in traced.Named())
                all.Add(name, () => name == last ? Reshaped(values) : values);
            var own = new CallOutputs();
            Tensor? loss = words.Run(pass, output, rows, own);
            foreach ((string name, ComparedValues values) in pass.Tape.Recording ? [] : own.Named())
                all.Add(name, () => Reshaped(values));
            var head = model.Head<SummaryHead>(HeadKind.MultipleChoice);
            Tensor scores = head.Scores(pass, pass.Tape.GatherRows(output.Hidden, places)).Reshape([shape[0], shape[1]]);
            all.Add("mc_logits", scores);
            if (labels is not null)
                all.Add("mc_loss", pass.Tape.CrossEntropy(scores, labels));
            if (loss is not null)
                all.SetLoss(loss);
            return all;
        }

        private ComparedValues ByChoice(Tensor values) => Reshaped(rows.Pad(values));

        private ComparedValues Reshaped(ComparedValues values) => values with { Shape = [.. shape, .. values.Shape[2..]] };
    }
}
