using Attune.Nn.Contracts;
using Attune.Nn.OutputHeads;
using Attune.Tensors;

namespace Attune;

/// <summary>Runs a model and all its heads on token ids of a given shape, whatever the model is: to measure or to warm it up.</summary>
public static class ModelProbe
{
    /// <summary>Runs the model. On a measuring tape nothing is computed and the model needs no values.</summary>
    /// <param name="pass">The pass.</param>
    /// <param name="model">The model.</param>
    /// <param name="sequences">The number of sequences.</param>
    /// <param name="length">The tokens of each.</param>
    /// <param name="targetLength">The tokens of each target of an encoder-decoder; null is as many as its source has.</param>
    /// <exception cref="ArgumentException">The model does not take sequences of this length.</exception>
    public static void Run(Pass pass, Model model, int sequences, int length, int? targetLength = null)
    {
        TokenBatch batch = Batch(model, sequences, length);
        BackboneOutput output = model.Backbone is IEncoderDecoder both
            ? both.Decode(pass, Batch(model, sequences, targetLength ?? length), both.Encode(pass, batch))
            : model.Forward(pass, batch);
        var generated = new Lazy<BackboneOutput>(() => model.Head<IGeneratorHead>(HeadKind.Generator).Forward(pass, batch));
        foreach (IHead head in model.Heads)
        {
            switch (head)
            {
                case ITokenHead tokens:
                    tokens.Logits(pass, output);
                    break;
                case ISequenceHead whole:
                    whole.Logits(pass, output);
                    break;
                case IBoundaryHead boundary:
                    int[] first = [.. Enumerable.Range(0, sequences).Select(s => s * length)];
                    boundary.Logits(pass, output, new BoundaryTargets(first, first, new int[sequences], new int[sequences]));
                    break;
                case IGeneratorHead generator:
                    generator.Logits(pass, generated.Value);
                    break;
                case IBaselineHead baseline:
                    baseline.Logits(pass, generated.Value.Hidden);
                    break;
                case BeamSpanHead beams:
                    beams.EndLogits(pass.Tape, output.Hidden, output.Hidden);
                    break;
                case ISpanHead spans:
                    spans.Logits(pass, output);
                    break;
            }
        }
    }

    // Some classifiers read the token that ends a text.
    private static TokenBatch Batch(Model model, int sequences, int length)
    {
        int[] ids = new int[checked(sequences * length)];
        if (model.Heads.OfType<EosClassificationHead>().FirstOrDefault() is { } classifier)
        {
            for (int s = 1; s <= sequences; s++)
                ids[s * length - 1] = classifier.EosId;
        }
        return new TokenBatch { Ids = ids, Segments = Segments.Equal(sequences, length) };
    }
}
