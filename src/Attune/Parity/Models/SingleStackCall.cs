using Attune.Backbones;
using Attune.Nn.Contracts;
using Attune.Tensors;
using Attune.Tensors.Autograd;
using Attune.Tensors.Ops;

namespace Attune.Parity.Models;

/// <summary>Models of one stack that read token ids: BERT, GPT-2 and all between.</summary>
internal sealed class SingleStackCall : IReferenceCall
{
    /// <inheritdoc/>
    public bool Serves(GoldenModel golden, Model model) => model.Backbone is ISequenceBackbone;

    /// <inheritdoc/>
    public IPreparedCall Prepare(GoldenModel golden, Model model, CaseArguments arguments)
    {
        TokenInput input = TokenInput.Read(arguments);
        PaddedRows rows = TokenArguments.Rows(arguments, input.Shape, "attention_mask");
        IReadOnlyList<IHeadCall> heads = [.. model.Heads.Select(head => HeadCalls.Prepare(head, golden, model, arguments, rows))];
        // Asked for with or without; experts have room for padding too. A pooler without a head reads the first column whatever is there.
        arguments.Flag("output_router_logits", false);
        if (golden.Config.Has("num_experts") || heads.Any(head => head.ReadsPadding) || heads.Count == 0 && rows.BeginsWithPadding)
            rows = rows.WithPadding();
        return new Prepared((ISequenceBackbone)model.Backbone, Batch(golden, model, arguments, input, rows), rows, heads);
    }

    /// <summary>Makes the batch of a stack.</summary>
    internal static StackBatch Batch(GoldenModel golden, Model model, CaseArguments arguments, TokenInput input, PaddedRows rows)
    {
        TokenBatch batch = TokenArguments.Batch(arguments, input, rows, golden.Family, golden.Config);
        if (batch.KeyMask is { } real && model.Backbone.Capabilities.HasFlag(Capabilities.FreeMask))
            batch = PaddingView.Of(golden.Family, model.Backbone.Capabilities.HasFlag(Capabilities.Causal)).See(batch, real.Span);
        return new StackBatch(batch, golden.Family.TokenTypesOf(golden.Config) == TokenTypes.AsTokens ? ((IHasTokenTable)model.Backbone).TokenTable : null);
    }

    /// <summary>A batch, and where its token types are tokens the table that has their vectors.</summary>
    internal sealed record StackBatch(TokenBatch Tokens, Nn.Parameters.Parameter? TypeTable)
    {
        /// <summary>The batch of a pass.</summary>
        public TokenBatch Of(Tape tape)
        {
            if (TypeTable is null || Tokens.TypeIds is not { } types)
                return Tokens;
            Tensor x = Tokens.Features ?? tape.Embedding(TypeTable.Value, Tokens.Ids);
            return Tokens with { Features = tape.Add(x, tape.Embedding(TypeTable.Value, types)) };
        }
    }

    private sealed class Prepared(ISequenceBackbone backbone, StackBatch batch, PaddedRows rows, IReadOnlyList<IHeadCall> heads) : IPreparedCall
    {
        public CallOutputs Run(Pass pass)
        {
            BackboneOutput output = backbone.Forward(pass, batch.Of(pass.Tape));
            var outputs = new CallOutputs();
            outputs.Add("last_hidden_state", () => rows.Pad(output.Hidden));
            if (output.Pooled is { } pooled)
                outputs.Add("pooler_output", pooled);
            outputs.AddTrace(pass.Trace, "", rows);
            foreach ((int i, Tensor logits) in (pass.Trace?.Routing?.Logits ?? []).Index())
                outputs.Add($"router_logits.{i}", () => rows.Pad(logits));
            outputs.AddHeads(heads, pass, output, rows);
            return outputs;
        }
    }
}
