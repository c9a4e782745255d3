using Attune.Nn.Parameters;

namespace Attune.Nn.Contracts;

/// <summary>The step between the two stages of ELECTRA's two-stage variant (Clark et al. 2020, arXiv:2003.10555, section 3.3).</summary>
public static class GeneratorStart
{
    /// <summary>Gives a model's body the values of its generator's.</summary>
    /// <exception cref="ArgumentException">The model has no generator; or that is not of the same form; or both share a table, so that one could not stay as it is.</exception>
    public static void Copy(Model model)
    {
        if (!model.HasHead(HeadKind.Generator))
            throw new ArgumentException($"Only a model with a '{HeadKind.Generator}' head can start from its generator.", nameof(model));
        Dictionary<string, Parameter> generator = model.Head<IGeneratorHead>(HeadKind.Generator).Body.AllPaths().ToDictionary(p => p.Path, p => p.Parameter);
        NamedParameter[] body = [.. model.Backbone.AllPaths()];
        foreach ((string path, Parameter parameter) in body)
        {
            if (!generator.TryGetValue(path, out Parameter? source) || source.Shape != parameter.Shape)
                throw new ArgumentException(
                    $"The model's '{path}' is {parameter.Shape}, the generator's {source?.Shape.ToString() ?? "is missing"}: a model can start from its generator only "
                    + "if both are of one size (generator_hidden_size and generator_layers of 1).", nameof(model));
            if (ReferenceEquals(source, parameter))
                throw new ArgumentException(
                    $"The model shares '{path}' with its generator, which is to stay as it is in the second stage; set shared_embeddings to false.", nameof(model));
        }
        if (generator.Count != body.Length)
            throw new ArgumentException($"The generator has {generator.Count} parameters in its body, the model {body.Length}; they must be of one form.", nameof(model));
        foreach ((string path, Parameter parameter) in body)
            generator[path].Value.Span.CopyTo(parameter.Value.Span);
    }
}
